// Package layout is an OCI image layout in a folder: blobs by their sha256, each once,
// and index.json, which says under which names its images are known. Serve shows it to
// container runtimes as a registry that is read-only.
//
// An entry of index.json names the repository, HOST/PATH, as it was at the origin
// (annotation kpm.sh/repository), and the tag where one leads to it (org.opencontainers.
// image.ref.name, the whole reference); what refers to another manifest, a signature or
// an attestation, says which (kpm.sh/subject). index.json is written after what it
// lists.
package layout

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/kpm-sh/kpm/internal/atomicfile"
	"github.com/kpm-sh/kpm/internal/images"
	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/inputfile"
)

// IndexName is the file that lists the images.
const IndexName = "index.json"

const (
	markerName = "oci-layout"
	marker     = `{"imageLayoutVersion":"1.0.0"}`

	repositoryNote = "kpm.sh/repository"
	nameNote       = "org.opencontainers.image.ref.name"
	subjectNote    = "kpm.sh/subject"

	// maxIndex is how many bytes of index.json are read.
	maxIndex = 64 << 20
)

// Layout is the folder.
type Layout struct{ Dir string }

// Entry is a manifest or an index that the layout knows by name.
type Entry struct {
	images.Descriptor
	Ref     images.Ref // Host and Path at the origin, Tag where one leads to it, and Digest
	Subject string     // digest of what it is about; "": it is an image
}

// fileOf is the path of a blob below the folder.
func fileOf(digest string) string { return "blobs/sha256/" + strings.TrimPrefix(digest, "sha256:") }

// Blob is the path of a blob; its folder is there.
func (l Layout) Blob(digest string) (string, error) {
	at := filepath.Join(l.Dir, filepath.FromSlash(fileOf(digest)))
	return at, atomicfile.MakeFolder(filepath.Dir(at))
}

// Has reports whether a blob of that size is there.
func (l Layout) Has(d images.Descriptor) bool {
	info, err := os.Lstat(filepath.Join(l.Dir, filepath.FromSlash(fileOf(d.Digest))))
	return err == nil && info.Mode().IsRegular() && info.Size() == d.Size
}

// Manifest reads a manifest, and checks that it is the one of that digest.
func (l Layout) Manifest(digest string) ([]byte, error) {
	data, err := inputfile.Read(filepath.Join(l.Dir, filepath.FromSlash(fileOf(digest))), images.MaxManifest)
	if err != nil {
		return nil, absent("manifest", digest, err)
	}
	if "sha256:"+string(index.DigestOf(data)) != digest {
		return nil, fmt.Errorf("image manifest %s has other bytes", digest)
	}
	return data, nil
}

// Add writes a manifest.
func (l Layout) Add(body []byte) (images.Descriptor, error) {
	m, err := images.ParseManifest(body)
	if err != nil {
		return images.Descriptor{}, err
	}
	d := images.Descriptor{MediaType: m.MediaType, Digest: "sha256:" + string(index.DigestOf(body)), Size: int64(len(body)), ArtifactType: m.ArtifactType}
	at, err := l.Blob(d.Digest)
	if err != nil || l.Has(d) {
		return d, err
	}
	return d, atomicfile.Write(at, body, 0o644)
}

// stored is index.json.
type stored struct {
	SchemaVersion int                 `json:"schemaVersion"`
	MediaType     string              `json:"mediaType"`
	Manifests     []images.Descriptor `json:"manifests"`
}

// Entries are what index.json lists; without one nothing.
func (l Layout) Entries() ([]Entry, error) {
	data, err := inputfile.Read(filepath.Join(l.Dir, IndexName), maxIndex)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return decode(data)
}

func decode(data []byte) ([]Entry, error) {
	var s stored
	if err := json.Unmarshal(data, &s); err != nil {
		return nil, fmt.Errorf("reading %s of the images: %w", IndexName, err)
	}
	var all []Entry
	for _, d := range s.Manifests {
		if !images.ValidDigest(d.Digest) {
			return nil, fmt.Errorf("reading %s of the images: %q is no digest", IndexName, d.Digest)
		}
		e := Entry{Descriptor: d, Subject: d.Annotations[subjectNote]}
		name := cmp.Or(d.Annotations[nameNote], d.Annotations[repositoryNote])
		ref, err := images.Parse(name)
		if err != nil {
			return nil, fmt.Errorf("reading %s of the images: %w", IndexName, err)
		}
		if d.Annotations[nameNote] == "" {
			ref.Tag = ""
		}
		ref.Digest = d.Digest
		e.Ref = ref
		all = append(all, e)
	}
	return all, nil
}

// Write writes index.json: what it lists is there.
func (l Layout) Write(entries []Entry) error {
	s := stored{SchemaVersion: 2, MediaType: "application/vnd.oci.image.index.v1+json", Manifests: []images.Descriptor{}}
	for _, e := range entries {
		d := e.Descriptor
		d.Annotations = map[string]string{repositoryNote: e.Ref.Name()}
		if e.Ref.Tag != "" {
			d.Annotations[nameNote] = e.Ref.Name() + ":" + e.Ref.Tag
		}
		if e.Subject != "" {
			d.Annotations[subjectNote] = e.Subject
		}
		s.Manifests = append(s.Manifests, d)
	}
	slices.SortFunc(s.Manifests, func(a, b images.Descriptor) int {
		return cmp.Or(strings.Compare(a.Annotations[repositoryNote], b.Annotations[repositoryNote]), strings.Compare(a.Annotations[nameNote], b.Annotations[nameNote]), strings.Compare(a.Digest, b.Digest))
	})
	data, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return err
	}
	if err := atomicfile.MakeFolder(l.Dir); err != nil {
		return err
	}
	if err := atomicfile.Write(filepath.Join(l.Dir, markerName), []byte(marker), 0o644); err != nil {
		return err
	}
	return atomicfile.Write(filepath.Join(l.Dir, IndexName), append(data, '\n'), 0o644)
}
