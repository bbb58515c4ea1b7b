package main

import (
	"path/filepath"
	"strings"
	"testing"
)

// Every Kube of packages/ is installed until it is ready, stays as it is when it
// is installed again, and leaves nothing behind.
func TestE2EPackages(t *testing.T) {
	t.Setenv("KUBECONFIG", controlPlane(t))
	metas, err := filepath.Glob("../../packages/*/K3.yaml")
	if err != nil || len(metas) == 0 {
		t.Fatalf("%d Kubes, %v", len(metas), err)
	}
	for _, meta := range metas {
		dir := filepath.Dir(meta)
		name := filepath.Base(dir)
		t.Run(name, func(t *testing.T) {
			t.Setenv("KPM_NAMESPACE", namespace())
			home := t.TempDir()
			must := func(args ...string) string {
				t.Helper()
				out, code := runKPM(t, home, args...)
				if code != exitDone {
					t.Fatalf("kpm %v: exit code %d: %s", args, code, out)
				}
				return out
			}
			must("install", dir, "-y", "--create-namespace", "--timeout", "2m")
			must("install", dir, "-y", "--timeout", "2m")
			for line := range strings.Lines(must("install", dir, "--dry-run=server")) {
				if !strings.HasPrefix(line, "---> ") && !strings.HasPrefix(line, "!!-> ") && !strings.HasPrefix(line, "unchanged ") {
					t.Errorf("installed again: %s", line)
				}
			}
			must("diff", dir) // ends with 1 when something differs
			must("uninstall", name, "-y", "--purge")
			if out := must("list"); !strings.Contains(out, "nothing is installed") {
				t.Errorf("afterwards: %s", out)
			}
		})
	}
}
