package layout

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/kpm-sh/kpm/internal/images"
)

// Verify hashes what entries lead to, each blob once, and says what is wrong. Manifests
// of the platforms have to be there, of all without.
func (l Layout) Verify(entries []Entry, platforms []string, finding func(format string, args ...any)) (blobs int64) {
	if _, err := os.Stat(filepath.Join(l.Dir, markerName)); err != nil && len(entries) > 0 {
		finding("%s of the images is not there", markerName)
	}
	v := &verifying{Layout: l, platforms: platforms, finding: finding, seen: map[string]bool{}}
	for _, e := range entries {
		v.manifest(e.Ref.String(), e.Digest, 0)
	}
	return int64(len(v.seen))
}

type verifying struct {
	Layout
	platforms []string
	finding   func(format string, args ...any)
	seen      map[string]bool
}

// maxDepth is how many indexes may lie in each other.
const maxDepth = 4

func (v *verifying) manifest(name, digest string, depth int) {
	if v.seen[digest] || depth > maxDepth {
		return
	}
	v.seen[digest] = true
	body, err := v.Manifest(digest)
	var m *images.Manifest
	if err == nil {
		m, err = images.ParseManifest(body)
	}
	if err != nil {
		v.finding("image %s: %v", name, err)
		return
	}
	wanted := m.Chosen(v.platforms)
	for _, d := range m.Manifests {
		if v.Has(d) || slices.ContainsFunc(wanted, func(w images.Descriptor) bool { return w.Digest == d.Digest }) {
			v.manifest(name, d.Digest, depth+1)
		}
	}
	for _, d := range m.Blobs() {
		if !v.seen[d.Digest] {
			v.seen[d.Digest] = true
			v.blob(name, d)
		}
	}
}

func (v *verifying) blob(name string, d images.Descriptor) {
	if err := v.Check(d); err != nil {
		v.finding("image %s: %v", name, err)
	}
}

// Check hashes a blob, and says what is wrong with it.
func (l Layout) Check(d images.Descriptor) error {
	f, err := l.Open(d)
	if err != nil {
		return err
	}
	defer f.Close() //nolint:errcheck // read only
	got, n, err := digestOf(io.LimitReader(f, d.Size+1))
	if err != nil || n != d.Size || got != d.Digest {
		return fmt.Errorf("blob %s is not what the manifest says", d.Digest)
	}
	return nil
}

// Open opens a blob that has its size.
func (l Layout) Open(d images.Descriptor) (*os.File, error) {
	f, err := os.Open(filepath.Join(l.Dir, filepath.FromSlash(fileOf(d.Digest))))
	if err != nil {
		return nil, absent("blob", d.Digest, err)
	}
	if !l.Has(d) {
		_ = f.Close() //nolint:errcheck // read only
		return nil, fmt.Errorf("blob %s is not what the manifest says", d.Digest)
	}
	return f, nil
}

// absent says of a file that is not there no more than that.
func absent(what, digest string, err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s %s is not there", what, digest)
	}
	return err
}
