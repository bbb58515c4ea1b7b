package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestChangedSince: what a commit has otherwise, committed since or not, staged or not;
// also where the size is the same, and where the file has an old time.
func TestChangedSince(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("skipped: there is no git")
	}
	root := t.TempDir()
	git := func(args ...string) {
		t.Helper()
		args = append([]string{"-C", root, "-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"}, args...)
		if out, err := exec.Command("git", args...).CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
	}
	old := time.Now().Add(-time.Hour)
	write := func(name, text string) {
		t.Helper()
		file := filepath.Join(root, "packages", name, "K3.yaml")
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		old = old.Add(time.Second) // git itself goes by time and size
		if err := os.Chtimes(file, old, old); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"a", "b", "c", "d", "e", "g", "h"} {
		write(name, "name: "+name+"\n")
	}
	if err := os.WriteFile(filepath.Join(root, "packages", "h", "README.md"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	git("init", "-q")
	git("add", ".")
	git("commit", "-qm", "one")
	write("b", "name: B\n")
	git("commit", "-qam", "two")
	write("c", "name: C\n")
	write("d", "name: D\n")
	git("add", "packages/d")
	write("f", "name: f\n")
	for _, path := range []string{"g", "h/README.md"} {
		if err := os.RemoveAll(filepath.Join(root, "packages", path)); err != nil {
			t.Fatal(err)
		}
	}
	for rev, want := range map[string]since{
		"HEAD~1": {changed: []string{"b", "c", "d", "f", "h"}, moved: []string{"b", "c", "d", "f", "g"}},
		"HEAD":   {changed: []string{"c", "d", "f", "h"}, moved: []string{"c", "d", "f", "g"}},
	} {
		got, err := changedSince(t.Context(), filepath.Join(root, "packages"), rev)
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(since{})); err != nil || diff != "" {
			t.Errorf("since %s: %v (-want +got):\n%s", rev, err, diff)
		}
	}
	for _, rev := range []string{"--help", "nothing", "HEAD:packages"} {
		if got, err := changedSince(t.Context(), filepath.Join(root, "packages"), rev); err == nil {
			t.Errorf("since %s: got %v", rev, got)
		}
	}
	if n := len(readIndex(filepath.Join(root, ".git")).notes); n != 8 {
		t.Errorf("the index has %d notes, want 8", n)
	}
}

func FuzzParseIndex(f *testing.F) {
	f.Add([]byte("DIRC\x00\x00\x00\x02\x00\x00\x00\x01"))
	f.Fuzz(func(_ *testing.T, data []byte) { parseIndex(data) })
}
