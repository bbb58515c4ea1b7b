package main

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/kpm-sh/kpm/internal/sitetest"
)

// mounted is a home on a file system of its own, of that many bytes. Only root
// may mount; others skip the test.
func mounted(t *testing.T, size string) (site *sitetest.Site, home string) {
	t.Helper()
	home = t.TempDir()
	if err := syscall.Mount("tmpfs", home, "tmpfs", 0, "mode=0700,size="+size); err != nil {
		t.Skipf("mounting a small disk: %v", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(home, 0) })
	site, _ = pinned(t)
	if out, code := runKPM(t, home, "repo", "add", "main", site.URL, "--trust", site.Pin.String()); code != 0 {
		t.Fatal(out)
	}
	if out, code := runKPM(t, home, "update"); code != 0 {
		t.Fatal(out)
	}
	return site, home
}

// A full disk fails an update and changes nothing; with room again it works.
func TestFullDisk(t *testing.T) {
	site, home := mounted(t, "1m")
	before, _ := runKPM(t, home, "search", "-o", "json")
	site.Publish(sitetest.Release("hello", "1.0.0"))
	ballast := filepath.Join(home, "ballast")
	fill(t, ballast)
	for _, args := range [][]string{{"update"}, {"get", "nginx-standard"}, {"repo", "add", "more", "https://example.com", "--trust", site.Pin.String()}} {
		out, code := runKPM(t, home, args...)
		if code != exitFailed || !strings.Contains(out, "no space left") {
			t.Errorf("kpm %v: got exit code %d: %s", args, code, out)
		}
	}
	if after, code := runKPM(t, home, "search", "-o", "json"); code != 0 || after != before {
		t.Errorf("search afterwards: exit code %d: %s", code, after)
	}
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	if out, code := runKPM(t, home, "update"); code != 0 {
		t.Errorf("update with room again: %s", out)
	}
}

// fill writes to path until there is no room left.
func fill(t *testing.T, path string) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close() //nolint:errcheck // the disk is full
	for err == nil {
		_, err = f.Write(make([]byte, 4096))
	}
}

// A home that is read-only is searched all the same; what would write says why
// it cannot.
func TestReadOnlyHome(t *testing.T) {
	site, home := mounted(t, "4m")
	site.Publish(sitetest.Release("hello", "1.0.0"))
	if err := syscall.Mount("", home, "", syscall.MS_REMOUNT|syscall.MS_RDONLY, ""); err != nil {
		t.Skipf("making it read-only: %v", err)
	}
	for _, args := range [][]string{{"search", "etcd"}, {"info", "etcd-standalone"}, {"info", "etcd-standalone@2.2.0-beta3"}, {"repo", "list"}, {"template", "nginx-standard"}, {"deps", "nginx-standard"}, {"install", "nginx-standard", "--dry-run=client"}} {
		if out, code := runKPM(t, home, args...); code != 0 {
			t.Errorf("kpm %v: got exit code %d: %s", args, code, out)
		}
	}
	for _, args := range [][]string{{"update"}, {"get", "nginx-standard"}, {"repo", "remove", "main"}} {
		out, code := runKPM(t, home, args...)
		if code != exitFailed || !strings.Contains(out, "read-only file system") || !strings.Contains(out, "set KPM_HOME") {
			t.Errorf("kpm %v: got exit code %d: %s", args, code, out)
		}
	}
}
