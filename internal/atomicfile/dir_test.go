package atomicfile_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/kpm-sh/kpm/internal/atomicfile"
)

// prepared makes a directory for ReplaceDir whose file K3.yaml holds content.
func prepared(t *testing.T, parent, content string) string {
	t.Helper()
	tmp, err := atomicfile.TempDir(parent)
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(tmp, "K3.yaml"), content)
	write(t, filepath.Join(tmp, "manifests", "a.yaml"), content)
	return tmp
}

func TestReplaceDir(t *testing.T) {
	parent := t.TempDir()
	dst := filepath.Join(parent, "etcd")
	for _, want := range []string{"1.0.0", "1.1.0"} {
		if err := atomicfile.ReplaceDir(prepared(t, parent, want), dst); err != nil {
			t.Fatal(err)
		}
		if got := read(t, filepath.Join(dst, "manifests", "a.yaml")); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		wantNames(t, parent, "etcd")
	}
}

func TestReplaceDirRefuses(t *testing.T) {
	parent := t.TempDir()
	dst := filepath.Join(parent, "etcd")
	write(t, filepath.Join(dst, "K3.yaml"), "old")
	file := filepath.Join(parent, "file")
	write(t, file, "")
	tests := map[string]string{
		"missing":   filepath.Join(parent, "missing"),
		"file":      file,
		"elsewhere": prepared(t, t.TempDir(), "new"),
		"itself":    dst,
	}
	for name, tmp := range tests {
		if err := atomicfile.ReplaceDir(tmp, dst); err == nil {
			t.Errorf("%s: no error", name)
		}
		if got := read(t, filepath.Join(dst, "K3.yaml")); got != "old" {
			t.Errorf("%s: got %q, want old", name, got)
		}
	}
}

// A kill between the two moves of a replacement in steps leaves no etcd; a
// kill after them leaves two.
func TestCutShortReplacementIsMended(t *testing.T) {
	tests := map[string]struct {
		present, want string
	}{
		"successor missing":  {"", "old"},
		"successor in place": {"new", "new"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			parent := t.TempDir()
			write(t, filepath.Join(parent, ".kpm-old-etcd", "K3.yaml"), "old")
			if tt.present != "" {
				write(t, filepath.Join(parent, "etcd", "K3.yaml"), tt.present)
			}
			if err := atomicfile.Sweep(parent); err != nil {
				t.Fatal(err)
			}
			if got := read(t, filepath.Join(parent, "etcd", "K3.yaml")); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			wantNames(t, parent, "etcd")
		})
	}
}

func TestReplaceDirMendsFirst(t *testing.T) {
	parent := t.TempDir()
	dst := filepath.Join(parent, "etcd")
	write(t, filepath.Join(parent, ".kpm-old-etcd", "K3.yaml"), "old")
	if err := atomicfile.ReplaceDir(prepared(t, parent, "new"), dst); err != nil {
		t.Fatal(err)
	}
	if got := read(t, filepath.Join(dst, "K3.yaml")); got != "new" {
		t.Errorf("got %q, want new", got)
	}
	wantNames(t, parent, "etcd")
}

func TestSweep(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, atomicfile.TempPrefix+"1"), "file")
	write(t, filepath.Join(dir, atomicfile.TempPrefix+"2", "sub", "file"), "directory")
	write(t, filepath.Join(dir, "keep"), "")
	write(t, filepath.Join(dir, ".kpm-old-"), "a name of nothing")
	write(t, filepath.Join(dir, "sub", atomicfile.TempPrefix+"3"), "not looked at")
	if err := atomicfile.Sweep(dir); err != nil {
		t.Fatal(err)
	}
	wantNames(t, dir, ".kpm-old-", "keep", "sub")
	wantNames(t, filepath.Join(dir, "sub"), atomicfile.TempPrefix+"3")
	if err := atomicfile.Sweep(filepath.Join(dir, "missing")); err != nil {
		t.Errorf("missing directory: %v", err)
	}
	if err := atomicfile.Sweep(filepath.Join(dir, "keep")); err == nil || errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file: got %v, want an error", err)
	}
}

func TestTempDirIsPrivate(t *testing.T) {
	tmp, err := atomicfile.TempDir(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	fi, err := os.Stat(tmp)
	if err != nil {
		t.Fatal(err)
	}
	if got := fi.Mode().Perm() & 0o077; got != 0 && filepath.Separator == '/' {
		t.Errorf("others may use it: mode %v", fi.Mode())
	}
}
