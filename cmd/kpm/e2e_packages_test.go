package main

import (
	"path/filepath"
	"testing"
)

// Every Kube of packages/ is installed until it is ready, stays as it is when it
// is installed again, and leaves nothing behind.
func TestE2EPackages(t *testing.T) {
	controlPlane(t)
	metas, err := filepath.Glob("../../packages/*/K3.yaml")
	if err != nil || len(metas) == 0 {
		t.Fatalf("%d Kubes, %v", len(metas), err)
	}
	for _, meta := range metas {
		dir := filepath.Dir(meta)
		t.Run(filepath.Base(dir), func(t *testing.T) {
			g := newGuest(t, t.TempDir())
			if r := g.install(t, dir); r.Error != "" {
				t.Fatal(r.Error)
			}
			g.settled(t, dir)
			g.leave(t, filepath.Base(dir))
		})
	}
}
