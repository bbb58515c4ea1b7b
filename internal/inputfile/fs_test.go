package inputfile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"
)

// TestFS: the folder is a file system as the standard library wants one, and so are those
// in it.
func TestFS(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"K3.yaml": "name: x", "manifests/a.yaml": "kind: A", "manifests/b.yaml": ""} {
		at := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(at, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := fstest.TestFS(FS(dir), "K3.yaml", "manifests/a.yaml", "manifests/b.yaml"); err != nil {
		t.Error(err)
	}
	sub, err := fs.Sub(FS(dir), "manifests")
	if err != nil {
		t.Fatal(err)
	}
	if err := fstest.TestFS(sub, "a.yaml", "b.yaml"); err != nil {
		t.Error(err)
	}
	_, err = FS(dir).Open("manifests/none.yaml")
	var of *fs.PathError
	if !errors.As(err, &of) || of.Path != "manifests/none.yaml" || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file that is not there: %v", err)
	}
}
