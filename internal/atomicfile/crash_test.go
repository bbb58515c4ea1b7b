package atomicfile_test

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kpm-sh/kpm/internal/atomicfile"
)

// crashDir is set in the process that TestKilledWriter kills.
const crashDir = "ATOMICFILE_CRASH_DIR"

// TestKilledWriter kills a process that replaces a file and a directory over
// and over, and looks at what it left.
func TestKilledWriter(t *testing.T) {
	if dir := os.Getenv(crashDir); dir != "" {
		writeForEver(dir)
	}
	dir := t.TempDir()
	for round := range 8 {
		killAfter(t, dir, 2+3*round)
		whole(t, read(t, filepath.Join(dir, "file")))
		a := read(t, filepath.Join(dir, "etcd", "a"))
		whole(t, a)
		if b := read(t, filepath.Join(dir, "etcd", "b")); a != b {
			t.Errorf("a half replaced directory: a starts %.8q, b starts %.8q", a, b)
		}
		if err := atomicfile.Sweep(dir); err != nil {
			t.Fatal(err)
		}
		wantNames(t, dir, ".lock", "etcd", "file")
	}
}

// killAfter runs writeForEver until it has said n lines.
func killAfter(t *testing.T, dir string, n int) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestKilledWriter$")
	cmd.Env = append(os.Environ(), crashDir+"="+dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for range n {
		if !lines.Scan() {
			t.Fatalf("the writer ended by itself: %v", lines.Err())
		}
		if !strings.HasPrefix(lines.Text(), "replaced") {
			t.Fatalf("the writer says %q", lines.Text())
		}
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // it was killed
}

func writeForEver(dir string) {
	held, err := atomicfile.TryLock(filepath.Join(dir, ".lock")) // free again after a kill
	for i := 0; err == nil; i++ {
		content := []byte(strings.Repeat(fmt.Sprintf("%07d\n", i), 8<<10))
		if err = atomicfile.Write(filepath.Join(dir, "file"), content, 0o644); err != nil {
			break
		}
		var tmp string
		if tmp, err = atomicfile.TempDir(dir); err != nil {
			break
		}
		if err = os.WriteFile(filepath.Join(tmp, "a"), content, 0o644); err != nil {
			break
		}
		if err = os.WriteFile(filepath.Join(tmp, "b"), content, 0o644); err != nil {
			break
		}
		if err = atomicfile.ReplaceDir(tmp, filepath.Join(dir, "etcd")); err == nil {
			fmt.Println("replaced", i)
		}
	}
	fmt.Println(err, held)
	os.Exit(1)
}

// whole fails unless content is 8,192 times the same line.
func whole(t *testing.T, content string) {
	t.Helper()
	if len(content) != 64<<10 || strings.Count(content, content[:8]) != 8<<10 {
		t.Errorf("torn: %d bytes, starts %.8q", len(content), content)
	}
}
