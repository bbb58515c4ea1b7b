package atomicfile

import (
	"os"
	"path/filepath"
	"testing"
)

// The way of file systems without an exchange is tried on all of them.
func TestSwapInSteps(t *testing.T) {
	parent := t.TempDir()
	tmp, dst := filepath.Join(parent, "tmp"), filepath.Join(parent, "etcd")
	for _, dir := range []string{tmp, dst} {
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "was"), []byte(filepath.Base(dir)), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	old, err := swapInSteps(tmp, dst)
	if err != nil {
		t.Fatal(err)
	}
	for dir, want := range map[string]string{dst: "tmp", old: "etcd"} {
		if got, err := os.ReadFile(filepath.Join(dir, "was")); err != nil || string(got) != want {
			t.Errorf("%s: got %q, %v, want %q", dir, got, err, want)
		}
	}
}

func TestSwapInStepsGoesBack(t *testing.T) {
	parent := t.TempDir()
	dst := filepath.Join(parent, "etcd")
	if err := os.Mkdir(dst, 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := swapInSteps(filepath.Join(parent, "missing"), dst); err == nil {
		t.Error("no error")
	}
	if _, err := os.Stat(dst); err != nil {
		t.Errorf("the old directory is not back: %v", err)
	}
}
