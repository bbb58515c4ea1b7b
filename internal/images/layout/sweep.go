package layout

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/kpm-sh/kpm/internal/images"
)

// Sweep removes the blobs that no entry needs, of the platforms wanted, and what
// downloads left. A manifest that cannot be read is an error, and nothing is removed.
func (l Layout) Sweep(platforms []string) error {
	entries, err := l.Entries()
	if err != nil {
		return err
	}
	used := map[string]bool{}
	for _, e := range entries {
		if err := l.use(used, e.Digest, platforms, 0); err != nil {
			return fmt.Errorf("looking for blobs that no image needs: %w", err)
		}
	}
	dir := filepath.Join(l.Dir, filepath.FromSlash(fileOf("")))
	files, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	for _, f := range files {
		if !used["sha256:"+f.Name()] && err == nil {
			err = os.RemoveAll(filepath.Join(dir, f.Name()))
		}
	}
	return err
}

// RemoveDamaged removes the blobs whose bytes are not those of their names.
func (l Layout) RemoveDamaged() error {
	dir := filepath.Join(l.Dir, filepath.FromSlash(fileOf("")))
	files, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	for _, f := range files {
		if err != nil {
			return err
		}
		if f.Type().IsRegular() && !strings.HasSuffix(f.Name(), ".part") {
			err = removeDamaged(filepath.Join(dir, f.Name()))
		}
	}
	return err
}

func removeDamaged(at string) error {
	f, err := os.Open(at)
	if err != nil {
		return err
	}
	got, _, err := digestOf(f)
	if err := f.Close(); err != nil {
		return err
	}
	if err != nil || got == "sha256:"+filepath.Base(at) {
		return err
	}
	return os.Remove(at)
}

// use notes all that a manifest leads to.
func (l Layout) use(used map[string]bool, digest string, platforms []string, depth int) error {
	if used[digest] || depth > maxDepth {
		return nil
	}
	used[digest] = true
	body, err := l.Manifest(digest)
	if err != nil {
		return err
	}
	m, err := images.ParseManifest(body)
	if err != nil {
		return err
	}
	for _, d := range m.Chosen(platforms) {
		if err := l.use(used, d.Digest, platforms, depth+1); err != nil {
			return err
		}
	}
	for _, d := range m.Blobs() {
		used[d.Digest] = true
	}
	return nil
}
