//go:build unix

package indexer_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/kpm-sh/kpm/indexer"
)

// TestNoFiles: links and devices in the folder of a Kube are refused without
// being followed or opened, releases.yaml among them.
func TestNoFiles(t *testing.T) {
	link := func(target, path string) func(k *kit) error {
		return func(k *kit) error {
			_ = os.Remove(filepath.Join(k.packages, path))
			return os.Symlink(target, filepath.Join(k.packages, path))
		}
	}
	pipe := func(path string) func(k *kit) error {
		return func(k *kit) error { return syscall.Mkfifo(filepath.Join(k.packages, path), 0o644) }
	}
	for name, c := range map[string]struct {
		make func(k *kit) error
		want string
	}{
		"link":                  {link("../K3.yaml", "pony/manifests/b.yaml"), "pony/manifests/b.yaml: is a symbolic link"},
		"link out":              {link("/etc/passwd", "pony/README.md"), "pony/README.md: is a symbolic link"},
		"dangling link":         {link("nowhere", "pony/b"), "pony/b: is a symbolic link"},
		"folder link":           {link("..", "pony/b"), "pony/b: is a symbolic link"},
		"Kube elsewhere":        {link("../elsewhere", "mule"), "mule: is a symbolic link; a Kube is a folder of its own"},
		"K3.yaml link":          {link("../../trust/1.json", "pony/K3.yaml"), "pony/K3.yaml: is a symbolic link"},
		"pipe":                  {pipe("pony/b"), "pony/b: is a named pipe"},
		"releases.yaml pipe":    {pipe("pony/releases.yaml"), "pony/releases.yaml: is a named pipe"},
		"releases.yaml endless": {link("/dev/zero", "pony/releases.yaml"), "pony/releases.yaml: is a symbolic link"},
		"releases.yaml link": {func(k *kit) error {
			k.write("gone.yaml", "gone: x\n")
			return link("../../gone.yaml", "pony/releases.yaml")(k)
		}, "pony/releases.yaml: is a symbolic link"},
		"releases.yaml folder": {func(k *kit) error { return os.Mkdir(filepath.Join(k.packages, "pony/releases.yaml"), 0o755) }, ""},
		"releases.yaml too large": {func(k *kit) error {
			k.releases("pony", "yanked: {1.0.0: x}\n#"+strings.Repeat("x", 10<<20))
			return nil
		}, "pony/releases.yaml: is "},
	} {
		t.Run(name, func(t *testing.T) {
			k := newKit(t)
			k.first()
			if err := c.make(k); err != nil {
				t.Fatal(err)
			}
			got, err := indexer.Check(context.Background(), indexer.CheckOptions{Packages: os.DirFS(k.packages)})
			if err != nil {
				t.Fatal(err)
			}
			if c.want == "" {
				if got.Problems.Err() != nil {
					_ = k.refused(nil)
				}
				return
			}
			contains(t, got.Problems.Errors().Error(), c.want)
			_ = k.refused([]string{c.want})
		})
	}
}
