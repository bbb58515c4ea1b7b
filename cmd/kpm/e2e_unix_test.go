//go:build unix

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kpm-sh/kpm/internal/sitetest"
)

// The specification's session: ponycorn needs nginx, and its user goes on.
func TestE2EContinue(t *testing.T) {
	t.Setenv("KUBECONFIG", controlPlane(t))
	t.Setenv("KPM_NAMESPACE", namespace())
	site, home := pinned(t)
	site.Publish(ponycorn("1.0.0"), sitetest.Release("nginx", "1.9.15"))
	runKPM(t, home, "update")
	const warning = "!!-> WARNING: Dependency nginx (1.9 < x <= 1.10) does not seem to be satisfied.\r\n" +
		"!!-> This package may not function correctly.\r\nContinue? "
	screen, code := onTerminal(t, home, "Continue? ", "no\n", "install", "ponycorn", "--create-namespace")
	if code != exitDeclined || !strings.HasPrefix(screen, warning+"no\r\n") || strings.Contains(screen, "Downloading") {
		t.Errorf("no: got exit code %d: %s", code, screen)
	}
	screen, code = onTerminal(t, home, "Continue? ", "yes\n", "install", "ponycorn", "--create-namespace")
	if code != exitDone || !strings.HasPrefix(screen, warning+"yes\r\n---> Downloading ponycorn-1.0.0\r\n") || !strings.HasSuffix(screen, "---> Done\r\n") {
		t.Errorf("yes: got exit code %d: %s", code, screen)
	}
	screen, code = onTerminal(t, home, "Continue? [y/N] ", "y\n", "uninstall", "ponycorn")
	if code != exitDone || !strings.Contains(screen, "ponycorn will be removed") {
		t.Errorf("uninstall: got exit code %d: %s", code, screen)
	}
}

// The specification's advanced session: get, edit, install; what was edited is what
// runs.
func TestE2EAdvanced(t *testing.T) {
	t.Setenv("KUBECONFIG", controlPlane(t))
	t.Setenv("KPM_NAMESPACE", namespace())
	_, home := pinned(t)
	runKPM(t, home, "update")
	dir := filepath.Join(home, "nginx-standard")
	out, code := runKPM(t, home, "get", "nginx-standard")
	if code != exitDone || out != "---> Downloading nginx-standard\n---> Cached files into "+dir+"/\n" {
		t.Errorf("get: got exit code %d: %s", code, out)
	}
	screen, code := editWith(t, home, "printf 'data: {page: mine}\\n' >>", "nginx-standard", "manifests/nginx-standard.yaml")
	if code != exitDone || !strings.Contains(screen, "---> Edited: manifests/nginx-standard.yaml") {
		t.Errorf("edit: got exit code %d: %s", code, screen)
	}
	out, code = runKPM(t, home, "install", "nginx-standard", "--create-namespace")
	if code != exitDone || !strings.HasPrefix(out, "---> Using your copy "+dir+", edited\n---> Applying 1 object to namespace ") || !strings.HasSuffix(out, "---> Done\n") {
		t.Errorf("install: got exit code %d: %s", code, out)
	}
	out, code = runKPM(t, home, "diff", "main/nginx-standard")
	if code != exitFailed || !strings.Contains(out, `- .data: {"page":"mine"}`) {
		t.Errorf("what runs, beside the release: got exit code %d: %s", code, out)
	}
	if out, _ := runKPM(t, home, "list"); !strings.Contains(out, "1.0.0 (edited)") {
		t.Errorf("list: %s", out)
	}
	if out, code := runKPM(t, home, "uninstall", "-y", "nginx-standard"); code != exitDone {
		t.Errorf("uninstall: got exit code %d: %s", code, out)
	}
}

// Ctrl-C while kpm waits ends it at once; the record says that it did not finish.
func TestE2EInterrupted(t *testing.T) {
	t.Setenv("KUBECONFIG", controlPlane(t))
	t.Setenv("KPM_NAMESPACE", namespace())
	home, dir := t.TempDir(), filepath.Join(t.TempDir(), "stuck")
	for path, text := range map[string]string{
		"K3.yaml": "name: stuck\nversion: 1.0.0\ndescription: Never ready\n",
		"manifests/a.yaml": "apiVersion: v1\nkind: Pod\nmetadata: {name: stuck}\n" +
			"spec: {nodeSelector: {nowhere: nowhere}, containers: [{name: main, image: nginx}]}\n",
	} {
		if err := os.MkdirAll(filepath.Join(dir, filepath.Dir(path)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, path), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	screen, code := onTerminal(t, home, "Waiting for Pod", "\x03", "install", dir, "--create-namespace")
	if code != exitInterrupted || !strings.Contains(screen, "the same command again goes on") {
		t.Errorf("got exit code %d: %s", code, screen)
	}
	if out, _ := runKPM(t, home, "list"); !strings.Contains(out, "failed") {
		t.Errorf("list: %s", out)
	}
	if out, code := runKPM(t, home, "install", dir, "--no-wait"); code != exitDone {
		t.Errorf("again: got exit code %d: %s", code, out)
	}
	if out, code := runKPM(t, home, "uninstall", "-y", "stuck"); code != exitDone {
		t.Errorf("uninstall: got exit code %d: %s", code, out)
	}
}

// What is waited for is drawn over itself on a terminal, and nothing of it stays.
func TestE2EWaits(t *testing.T) {
	t.Setenv("KUBECONFIG", controlPlane(t))
	t.Setenv("KPM_NAMESPACE", namespace())
	home, dir := t.TempDir(), "./testdata/waits/slow"
	screen, code := onTerminal(t, home, "", "", "install", dir, "--create-namespace")
	if code != exitDone || !strings.Contains(screen, "---> Waiting for Deployment") || !strings.Contains(screen, "\r\x1b[1A\x1b[J") {
		t.Errorf("on a terminal: exit code %d: %q", code, screen)
	}
	if !strings.HasSuffix(screen, "\x1b[J---> Done\r\n") {
		t.Errorf("something stays: %q", screen)
	}
	if out, code := runKPM(t, home, "uninstall", "-y", "slow"); code != exitDone {
		t.Errorf("uninstall: got exit code %d: %s", code, out)
	}
	out, code := runKPM(t, home, "install", dir)
	if code != exitDone || strings.ContainsAny(out, "\x1b\r") || !strings.Contains(out, "\n---> Waiting for Deployment") {
		t.Errorf("on none: exit code %d: %q", code, out)
	}
	if out, code := runKPM(t, home, "uninstall", "-y", "slow"); code != exitDone {
		t.Errorf("uninstall: got exit code %d: %s", code, out)
	}
}
