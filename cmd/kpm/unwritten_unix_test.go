//go:build unix

package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kpm-sh/kpm/internal/sitetest"
)

// printing are command lines that print something, and need no cluster.
var printing = []string{
	"doctor", "search", "search etcd", "search -o name", "search -o json", "search -o yaml", "info etcd-standalone", "info etcd-standalone --versions",
	"info etcd-standalone -o json", "repo list", "repo list -o name", "repo show main", "repo show main -o json", "env", "env -o name", "env -o json",
	"version", "version -o json", "deps etcd-standalone", "deps etcd-standalone -o json", "template nginx-standard", "template nginx-standard -o json",
	"install nginx-standard --dry-run=client", "completion bash", "--help", "search --help", "help install", "help",
}

// exited is the exit code of a command that ended.
func exited(t *testing.T, err error) int {
	t.Helper()
	var exit *exec.ExitError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &exit) && exit.Exited():
		return exit.ExitCode()
	}
	t.Fatalf("it did not end by itself: %v", err)
	return 0
}

// What cannot be written is a failure: whoever reads the file would take half of an
// answer for the whole.
func TestUnwrittenAnswer(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skipf("this system has no device that is always full: %v", err)
	}
	defer full.Close() //nolint:errcheck // nothing can be written to it
	_, home := pinned(t)
	if out, code := runKPM(t, home, "update"); code != 0 {
		t.Fatal(out)
	}
	for _, line := range printing {
		cmd := command(t.Context(), home, strings.Fields(line)...)
		var said strings.Builder
		cmd.Stdout, cmd.Stderr = full, &said
		if code := exited(t, cmd.Run()); code != exitFailed || !strings.Contains(said.String(), "no space left on device") {
			t.Errorf("kpm %s: got exit code %d: %s", line, code, said.String())
		}
	}
	for line, want := range map[string]int{"update": exitFailed, "get etcd-standalone": exitFailed, "info nobody": exitNotFound} { // what is told on the way
		cmd := command(t.Context(), home, strings.Fields(line)...)
		cmd.Stderr = full
		if code := exited(t, cmd.Run()); code != want {
			t.Errorf("kpm %s with a full log: got exit code %d, want %d", line, code, want)
		}
	}
}

// A reader who has seen enough is told nothing, and ends no command half-way.
func TestClosedPipe(t *testing.T) {
	site, home := pinned(t)
	if out, code := runKPM(t, home, "update"); code != 0 {
		t.Fatal(out)
	}
	closed := func() *os.File {
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = w.Close() })
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
		return w
	}
	for _, line := range printing {
		cmd := command(t.Context(), home, strings.Fields(line)...)
		var said strings.Builder
		cmd.Stdout, cmd.Stderr = closed(), &said
		if code := exited(t, cmd.Run()); code != exitFailed || strings.Contains(said.String(), "error") || strings.Contains(said.String(), "pipe") {
			t.Errorf("kpm %s: got exit code %d: %s", line, code, said.String())
		}
	}
	site.Publish(sitetest.Release("hello", "1.0.0"))
	cmd := command(t.Context(), home, "update")
	cmd.Stderr = closed()
	if code := exited(t, cmd.Run()); code != exitFailed {
		t.Errorf("update: got exit code %d", code)
	}
	if out, code := runKPM(t, home, "info", "hello"); code != 0 {
		t.Errorf("the update did not come to its end: %s", out)
	}
}

// A home where files cannot be locked, as on NFS without its lock service, can be
// read; what would write says why it cannot.
func TestWithoutLocks(t *testing.T) {
	strace, err := exec.LookPath("strace")
	if err != nil {
		t.Skipf("nothing here makes locks fail: %v", err)
	}
	site, home := pinned(t)
	if out, code := runKPM(t, home, "update"); code != 0 {
		t.Fatal(out)
	}
	kpm, err := exec.LookPath("kpm")
	if err != nil {
		t.Fatal(err)
	}
	repo := filepath.Join(home, ".repos", "main")
	bolts, err := filepath.Glob(filepath.Join(repo, "gen-*", "*", "store", "root.bolt"))
	if err != nil || len(bolts) != 1 {
		t.Fatalf("got %v, %v", bolts, err)
	}
	unlocked := func(args ...string) (string, int) {
		t.Helper()
		argv := []string{"-o", filepath.Join(t.TempDir(), "trace"), "-f", "-qq", "-e", "trace=flock", "-e", "inject=flock:error=ENOLCK"}
		for _, path := range append(bolts, filepath.Join(home, ".lock"), filepath.Join(repo, "update.lock")) {
			argv = append(argv, "-P", path)
		}
		cmd := exec.CommandContext(t.Context(), strace, append(append(argv, kpm), args...)...)
		cmd.Env = append(os.Environ(), "KPM_HOME="+home, "HOME="+home, "TMPDIR="+t.TempDir())
		out, err := cmd.CombinedOutput()
		return string(out), exited(t, err)
	}
	if out, code := unlocked("version"); code != 0 {
		t.Skipf("strace cannot run it here: exit code %d: %s", code, out)
	}
	site.Publish(sitetest.Release("hello", "1.0.0"))
	for _, args := range [][]string{{"search", "etcd"}, {"info", "etcd-standalone", "--versions"}, {"template", "nginx-standard"}, {"repo", "list"}, {"deps", "nginx-standard"}} {
		if out, code := unlocked(args...); code != 0 {
			t.Errorf("kpm %v: got exit code %d: %s", args, code, out)
		}
	}
	for _, args := range [][]string{{"update"}, {"get", "nginx-standard"}} {
		out, code := unlocked(args...)
		if code != exitFailed || !strings.Contains(out, "no locks available") || !strings.Contains(out, "KPM_HOME") || strings.Contains(out, "damaged") {
			t.Errorf("kpm %v: got exit code %d: %s", args, code, out)
		}
	}
	if out, code := runKPM(t, home, "search", "etcd"); code != 0 {
		t.Errorf("with locks again: %s", out)
	}
}

// A limit on the size of files stops a write in its middle: nothing half-written
// stays, and without the limit the same command works.
func TestFileSizeLimit(t *testing.T) {
	site, home := pinned(t)
	if out, code := runKPM(t, home, "update"); code != 0 {
		t.Fatal(out)
	}
	before, _ := runKPM(t, home, "search", "-o", "json")
	for i := range 3 {
		site.Publish(sitetest.Release(fmt.Sprintf("more%d", i), "1.0.0"))
	}
	kpm, err := exec.LookPath("kpm")
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{"update", "get nginx-standard"} {
		cmd := exec.CommandContext(t.Context(), "sh", "-c", `ulimit -f 0; trap "" XFSZ; exec "$0" "$@"`)
		cmd.Args = append(append(cmd.Args, kpm), strings.Fields(line)...)
		cmd.Env = append(os.Environ(), "KPM_HOME="+home, "HOME="+home)
		out, err := cmd.CombinedOutput()
		if code := exited(t, err); code != exitFailed || !strings.Contains(string(out), "file too large") {
			t.Errorf("kpm %s: got exit code %d: %s", line, code, out)
		}
	}
	if after, code := runKPM(t, home, "search", "-o", "json"); code != 0 || after != before {
		t.Errorf("afterwards: exit code %d: %s", code, after)
	}
	if _, err := os.Stat(filepath.Join(home, "nginx-standard")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("half of a copy stays: %v", err)
	}
	for _, args := range [][]string{{"update"}, {"get", "nginx-standard"}, {"info", "more2"}} {
		if out, code := runKPM(t, home, args...); code != 0 {
			t.Errorf("kpm %v without the limit: %s", args, out)
		}
	}
}
