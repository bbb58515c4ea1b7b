package index

import (
	"fmt"
	"strings"
)

// Every path on the static host is spelled here, relative to the site's root.

// HeadPath is the head: the only file that is ever rewritten.
const HeadPath = "v1/index.json"

// ArchivePath is where the archive of a release lies. A `+` in a version is
// written `_`, which no version contains, so that no server or shell takes it
// for a space.
func ArchivePath(name, version string) string {
	return fmt.Sprintf("kubes/%s/%s.tgz", name, ArchiveBase(name, version))
}

// ArchiveBase is the file name of an archive without its extension.
func ArchiveBase(name, version string) string {
	return name + "-" + strings.ReplaceAll(version, "+", "_")
}

// BundleSuffix is what the provenance of an archive is called more than the archive.
const BundleSuffix = ".sigstore.json"

// ProvenancePath is where the provenance bundle of a release lies.
func ProvenancePath(name, version string) string {
	return ArchivePath(name, version) + BundleSuffix
}

// ObjectPath is where an object with the given sha256 of its stored bytes lies.
func ObjectPath(d Digest) string {
	return fmt.Sprintf("objects/%s/%s", d[:2], d)
}

// TrustPath is where trust document n lies.
func TrustPath(n int64) string {
	return fmt.Sprintf("trust/%d.json", n)
}
