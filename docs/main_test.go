package docs_test

import (
	"fmt"
	"os"
	"os/exec"
	"sync"
	"testing"
)

// builtIn is where programs are built, once for all tests.
var builtIn string

// TestMain makes builtIn, and removes it.
func TestMain(m *testing.M) { os.Exit(withPrograms(m)) }

func withPrograms(m *testing.M) (code int) {
	dir, err := os.MkdirTemp("", "kpm-docs-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	builtIn = dir
	defer func() {
		if err := os.RemoveAll(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}()
	return m.Run()
}

var build = sync.OnceValue(func() error {
	cmd := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", builtIn, "../cmd/kpm", "../cmd/kpm-indexer")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	return nil
})

// binaries is the folder with both programs.
func binaries(t *testing.T) string {
	t.Helper()
	if err := build(); err != nil {
		t.Fatal(err)
	}
	return builtIn
}
