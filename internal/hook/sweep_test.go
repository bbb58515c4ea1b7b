package hook

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kpm-sh/kpm/internal/atomicfile"
)

// TestSweep removes what a killed kpm left, and nothing that a living one has.
func TestSweep(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	fill := func(name string) string {
		box := filepath.Join(dir, name)
		for _, err := range []error{
			os.MkdirAll(filepath.Join(box, "kube", "closed"), 0o700), os.WriteFile(filepath.Join(box, lockName), nil, 0o600),
			os.WriteFile(filepath.Join(box, "kube", "closed", ValuesPath), []byte("password: hunter2"), 0o600),
			os.Chmod(filepath.Join(box, "kube", "closed"), 0),
		} {
			if err != nil {
				t.Fatal(err)
			}
		}
		return box
	}
	dead, living, other := fill("run-1"), fill("run-2"), fill("mine")
	file := filepath.Join(dir, "run-file") // no kpm makes one
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	held, err := atomicfile.TryLock(filepath.Join(living, lockName))
	if err != nil {
		t.Fatal(err)
	}
	there := func(want ...bool) {
		t.Helper()
		for i, box := range []string{dead, living, other} {
			if _, err := os.Lstat(box); (err == nil) != want[i] {
				t.Errorf("%s: got %v, want there %v", box, err, want[i])
			}
		}
	}
	sweep := func() {
		t.Helper()
		if err := Sweep(t.Context(), dir); err != nil {
			t.Error(err)
		}
	}
	sweep()
	there(false, true, true)
	held.Unlock()
	sweep()
	there(false, false, true)
	dead = fill("run-3")
	c, _ := call(t, "")
	c.Dir = dir
	if _, err := Run(t.Context(), allowed(c)); err != nil {
		t.Error(err)
	}
	there(false, false, true)
	if err := os.Chmod(filepath.Join(other, "kube", "closed"), 0o700); err != nil { // for who cleans up
		t.Error(err)
	}
	if _, err := os.Lstat(file); err != nil {
		t.Errorf("a file: %v", err)
	}
	if err := Sweep(t.Context(), filepath.Join(dir, "none")); err != nil {
		t.Errorf("a folder that was never made: %v", err)
	}
}

// TestDismantle removes what is nested deeper than a process may open files, and
// closed to its owner.
func TestDismantle(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "box")
	for i := range 40 {
		branch := filepath.Join(dir, fmt.Sprint(i%2), strings.Repeat("d/", i))
		if err := os.MkdirAll(branch, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(branch, "kpm-removes-1"), nil, 0); err != nil {
			t.Fatal(err)
		}
	}
	for _, closed := range []string{"0/d/d/d", "0/d", "1"} {
		if err := os.Chmod(filepath.Join(dir, closed), 0); err != nil {
			t.Fatal(err)
		}
	}
	if err := dismantle(dir); err != nil {
		t.Error(err)
	}
	if _, err := os.Lstat(dir); err == nil {
		t.Error("it is still there")
	}
}
