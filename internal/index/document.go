package index

import (
	"errors"
	"fmt"

	"github.com/Masterminds/semver/v3"

	"github.com/kpm-sh/kpm/internal/gzipped"
	"github.com/kpm-sh/kpm/internal/kube"
)

// DocumentSchema is the schema word of a document.
const DocumentSchema = "kpm.kube/v1"

// Document lists all releases of one Kube, newest first.
type Document struct {
	Schema   string    `json:"schema"`
	Name     string    `json:"name"`
	Readme   string    `json:"readme,omitempty"` // of the newest release, cut at MaxReadme bytes
	Releases []Release `json:"releases"`
}

// Encode writes the document as it is stored: gzip'd JSON. The same document
// gives the same bytes.
func (d *Document) Encode() (Object, error) {
	d.Readme = cut(d.Readme, MaxReadme)
	if err := d.check(); err != nil {
		return Object{}, fmt.Errorf("writing the document of %s: %w", d.Name, err)
	}
	raw, err := encode(d)
	if err != nil {
		return Object{}, fmt.Errorf("writing the document of %s: %w", d.Name, err)
	}
	data, err := gzipped.Pack(raw)
	if err != nil {
		return Object{}, fmt.Errorf("writing the document of %s: %w", d.Name, err)
	}
	if len(raw) > MaxDocumentRaw || len(data) > MaxDocument {
		return Object{}, fmt.Errorf("writing the document of %s: %d bytes, %d raw, exceed %d, %d raw", d.Name, len(data), len(raw), MaxDocument, MaxDocumentRaw)
	}
	return newObject(data), nil
}

// DecodeDocument reads the stored document that a record names. It must be of that
// Kube, and have the version that the record shows, unless the Kube is gone. The caller
// has checked sha256 and size.
func DecodeDocument(r Record, data []byte) (*Document, error) {
	name := r.Name
	raw, err := unzip(data, MaxDocumentRaw)
	if err != nil {
		return nil, fmt.Errorf("reading the document of %s: %w", name, err)
	}
	var d Document
	if err := Decode(raw, &d); err != nil {
		return nil, fmt.Errorf("reading the document of %s: %w", name, err)
	}
	if err := d.check(); err != nil {
		return nil, fmt.Errorf("reading the document of %s: %w: %w", name, ErrFormat, err)
	}
	if d.Name != name {
		return nil, fmt.Errorf("reading the document of %s: %w: it is the document of %q", name, ErrFormat, d.Name)
	}
	if _, ok := d.Release(r.Version); !ok && r.Gone == "" {
		return nil, fmt.Errorf("%w: the record of %s shows version %s, which its document does not have", ErrFormat, name, kube.Clean(r.Version, false))
	}
	return &d, nil
}

func (d *Document) check() error {
	if d.Schema != DocumentSchema {
		return fmt.Errorf("schema is %q, not %q", d.Schema, DocumentSchema)
	}
	if err := kube.ValidName(d.Name); err != nil {
		return err
	}
	seen := map[string]bool{}
	for _, r := range d.Releases {
		if err := r.check(); err != nil {
			return err
		}
		if seen[r.Version] {
			return fmt.Errorf("version %s is listed twice", r.Version)
		}
		seen[r.Version] = true
	}
	if len(d.Releases) == 0 {
		return errors.New("it lists no release")
	}
	return nil
}

func (r Release) check() error {
	switch {
	case r.Version == "" || len(r.Version) > 63:
		return fmt.Errorf("version %q has not 1 to 63 bytes", r.Version)
	case !r.SHA256.Valid() || !r.Tar.Valid():
		return fmt.Errorf("version %s: sha256 or tar is not a digest", r.Version)
	case r.Size < 1 || r.Size > kube.MaxArchive:
		return fmt.Errorf("version %s: archive of %d bytes exceeds %d", r.Version, r.Size, kube.MaxArchive)
	}
	for _, a := range r.Attestations {
		if !a.SHA256.Valid() || a.Size < 1 || a.Path == "" {
			return fmt.Errorf("version %s: an attestation names no file", r.Version)
		}
	}
	return nil
}

// Release finds a version, spelled exactly.
func (d *Document) Release(version string) (Release, bool) {
	for _, r := range d.Releases {
		if r.Version == version {
			return r, true
		}
	}
	return Release{}, false
}

// Versions are those of its releases, the newest first.
func (d *Document) Versions() []string {
	var all []string
	for _, r := range d.Releases {
		all = append(all, r.Version)
	}
	return all
}

// Newest is the release with the highest version of those that pass. A
// pre-release is taken when pre asks for it, or when nothing else passes.
func (d *Document) Newest(pre bool, pass func(Release) bool) (Release, bool) {
	var versions []*semver.Version
	for _, r := range d.Releases {
		if v, err := kube.ParseVersion(r.Version); err == nil && pass(r) {
			versions = append(versions, v)
		}
	}
	if v := kube.Newest(versions, pre); v != nil {
		return d.Release(v.Original())
	}
	return Release{}, false
}
