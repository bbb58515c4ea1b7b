package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/kpm-sh/kpm/internal/cluster"
)

// An install, an upgrade or an uninstall that is killed at any moment is done by the same
// command again, and leaves nothing behind.
func TestE2EKilled(t *testing.T) {
	t.Setenv("KUBECONFIG", controlPlane(t))
	t.Setenv("KPM_NAMESPACE", namespace())
	home, dir, next := t.TempDir(), many(t, "1.0.0", 0), many(t, "2.0.0", 15)
	must := func(after time.Duration, want string, args ...string) {
		t.Helper()
		out, code := runKPM(t, home, args...)
		if code != exitDone || !strings.Contains(out, want) {
			t.Fatalf("kpm %v after a kill at %v: exit code %d: %s", args, after, code, out)
		}
	}
	for range kills() {
		wait := killed(t, home, 400*time.Millisecond, "install", dir, "--create-namespace")
		must(wait, "Done", "install", dir, "--create-namespace")
		must(wait, "many", "list", "-o", "name")
		wait = killed(t, home, 400*time.Millisecond, "upgrade", "-y", next)
		must(wait, "Done", "upgrade", "-y", next)
		must(wait, "2.0.0", "list")
		must(wait, "", "diff", next)
		wait = killed(t, home, 400*time.Millisecond, "uninstall", "-y", "many")
		if out, code := runKPM(t, home, "uninstall", "-y", "many"); code != exitDone && code != exitNotFound {
			t.Fatalf("uninstall after a kill at %v: exit code %d: %s", wait, code, out)
		}
		must(wait, "nothing is installed", "list")
		for _, dir := range []string{dir, next} {
			out, _ := runKPM(t, home, "install", dir, "--dry-run=server")
			if added := strings.Count(out, "added ConfigMap"); added != 30 {
				t.Fatalf("after a kill at %v, %d of 30 objects were left: %s", wait, 30-added, out)
			}
		}
	}
}

// A rollback that is killed at any moment is done by the same command again.
func TestE2EKilledRollback(t *testing.T) {
	t.Setenv("KUBECONFIG", controlPlane(t))
	t.Setenv("KPM_NAMESPACE", namespace())
	home, dir, next := t.TempDir(), many(t, "1.0.0", 0), many(t, "2.0.0", 15)
	must := func(want string, args ...string) {
		t.Helper()
		if out, code := runKPM(t, home, args...); code != exitDone || !strings.Contains(out, want) {
			t.Fatalf("kpm %v: exit code %d: %s", args, code, out)
		}
	}
	must("Done", "install", dir, "--create-namespace")
	for range kills() {
		must("Done", "upgrade", "-y", next)
		back := []string{"rollback", "-y", "many", installedAs(t, home, "1.0.0")}
		wait := killed(t, home, 400*time.Millisecond, back...)
		t.Logf("killed after %v", wait)
		must("Done", back...)
		must("1.0.0", "list")
		must("", "diff", dir)
		out, code := runKPM(t, home, "upgrade", "--dry-run=server", "-y", next)
		if code != exitDone || strings.Count(out, "added ConfigMap") != 15 || strings.Count(out, "removed ConfigMap") != 15 {
			t.Fatalf("after a kill at %v: exit code %d: %s", wait, code, out)
		}
	}
	must("Done", "uninstall", "-y", "many")
	if out, _ := runKPM(t, home, "install", next, "--dry-run=server"); strings.Count(out, "added ConfigMap") != 30 {
		t.Errorf("not all is gone: %s", out)
	}
}

// installedAs is the newest revision of many that was installed with a version.
func installedAs(t *testing.T, home, version string) string {
	t.Helper()
	out, code := runKPM(t, home, "history", "many", "-o", "json")
	var revisions []cluster.Revision
	if err := json.Unmarshal([]byte(out), &revisions); err != nil || code != exitDone {
		t.Fatalf("history: exit code %d: %v: %s", code, err, out)
	}
	for _, r := range revisions {
		if r.Version == version && r.Status == cluster.Installed {
			return strconv.Itoa(r.Number)
		}
	}
	t.Fatalf("no revision of %s: %s", version, out)
	return ""
}

// many is the folder of a Kube of 30 objects, numbered from first on.
func many(t *testing.T, version string, first int) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "many")
	var objects strings.Builder
	for i := range 30 {
		fmt.Fprintf(&objects, "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: many-%d}\n", first+i)
	}
	if err := os.MkdirAll(filepath.Join(dir, "manifests"), 0o755); err != nil {
		t.Fatal(err)
	}
	for path, text := range map[string]string{
		"K3.yaml": "name: many\nversion: " + version + "\ndescription: Many objects\n", "manifests/a.yaml": objects.String(),
	} {
		if err := os.WriteFile(filepath.Join(dir, path), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}
