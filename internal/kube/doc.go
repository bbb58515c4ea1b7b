// Package kube is the format of a Kube: a folder that its author writes, and
// the archive that a repository publishes of it.
//
// # Folder
//
//	NAME/K3.yaml                       what it is (Meta)
//	NAME/manifests/*.yaml|*.json       Kubernetes objects
//	NAME/manifests/*.yaml.tmpl         templates; .json.tmpl too
//	NAME/values.yaml                   defaults for the templates, optional
//	NAME/values.schema.json            their JSON Schema, optional
//	NAME/scripts/pre-install.py        hook, run on the user's host, optional
//	NAME/tests/…                       what `kpm test` runs, optional
//	NAME/README.md  NAME/LICENSE       optional
//	NAME/releases.yaml                 what was taken back (Releases); never packed
//
// manifests is flat and holds at least one manifest or template. Every other
// file is part of the Kube as well, but paths with a part that starts with a
// dot: those are not read.
//
// A path is NFC-normalised UTF-8 of at most MaxPath bytes without control or
// format characters, without \ : < > " | ? *, and no part of it ends in a dot
// or a space or is the name of a Windows device. No two paths may be one on a
// file system that ignores case, and none may be a file and a folder. So what
// is published can be unpacked everywhere.
//
// # Archive
//
// NAME-VERSION.tgz is a single gzip member that holds a ustar archive (PAX where
// a path needs it) of the Kube's files under NAME-VERSION/, ascending by path.
// Times, ids and user names are zero, modes are 0644, or 0755 where the owner's
// execute bit was set, and folders have no entries. Two zero blocks end it, and
// nothing follows. The same Kube gives the same bytes.
//
// # Strictness
//
// ParseMeta, ReadReleases and ReadDir are for authors: they report every fault
// at once, with its line. ReadMeta and Unpack are for those who read what was
// published: they ignore keys of K3.yaml that they do not know, and stop at the
// first fault. What Unpack refuses, ReadDir, Tar and Pack refuse as well; the
// one exception is that they want a manifest.
//
// The package reads what it is given (bytes, an fs.FS, an io.Reader) and opens
// nothing itself. It knows no clock, no network and no signatures: who calls
// Unpack has verified the archive.
package kube
