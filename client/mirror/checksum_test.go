package mirror_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"

	"github.com/kpm-sh/kpm/client/mirror"
	"github.com/kpm-sh/kpm/internal/fetch"
	"github.com/kpm-sh/kpm/internal/images/registry"
)

// TestChecksum: whatever file of a mirror has other bytes of the same number, a run that
// compares by digest copies it again.
func TestChecksum(t *testing.T) {
	k := newImageKit(t)
	run := func() {
		t.Helper()
		o := k.options()
		o.Checksum = true
		o.Images = registry.New(registry.Options{Fetch: fetch.Options{Pause: time.Millisecond}, Keychain: authn.NewMultiKeychain()})
		if _, err := mirror.Run(t.Context(), o); err != nil {
			t.Fatal(err)
		}
	}
	run()
	k.verify()
	var files []string
	err := filepath.WalkDir(k.dir, func(at string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() && d.Name() != ".lock" {
			files = append(files, at)
		}
		return err
	})
	if err != nil || len(files) < 20 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, at := range files {
		data, err := os.ReadFile(at)
		if err != nil {
			t.Fatal(err)
		}
		if len(data) == 0 {
			continue
		}
		damaged := append([]byte(nil), data...)
		damaged[len(damaged)/2] ^= 1
		if err := os.WriteFile(at, damaged, 0o644); err != nil {
			t.Fatal(err)
		}
		run()
		if k.verify(); t.Failed() {
			t.Fatalf("after a flipped bit in %s", at)
		}
	}
}
