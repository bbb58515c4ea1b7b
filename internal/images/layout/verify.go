package layout

import (
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/kpm-sh/kpm/internal/images"
)

// Verify hashes what the entries lead to, each blob once, and says what is wrong.
// Manifests of the platforms have to be there, of all without.
func (l Layout) Verify(platforms []string, finding func(format string, args ...any)) (blobs int64, err error) {
	entries, err := l.Entries()
	if err != nil {
		return 0, err
	}
	v := &verifying{Layout: l, platforms: platforms, finding: finding, seen: map[string]bool{}}
	for _, e := range entries {
		v.manifest(e.Ref.String(), e.Digest, 0)
	}
	return int64(len(v.seen)), nil
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
	f, err := os.Open(filepath.Join(v.Dir, filepath.FromSlash(fileOf(d.Digest))))
	if err != nil {
		v.finding("image %s: blob %s is not there", name, d.Digest)
		return
	}
	defer f.Close() //nolint:errcheck // read only
	got, n, err := digestOf(io.LimitReader(f, d.Size+1))
	if err != nil || n != d.Size || got != d.Digest {
		v.finding("image %s: blob %s is not what the manifest says", name, d.Digest)
	}
}
