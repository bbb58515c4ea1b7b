//go:build unix

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// editWith runs kpm edit on a terminal with an editor that is a shell command.
func editWith(t *testing.T, home, editor string, args ...string) (string, int) {
	t.Helper()
	t.Setenv("VISUAL", editor)
	t.Setenv("EDITOR", "false")
	return onTerminal(t, home, "", "", append([]string{"edit"}, args...)...)
}

// edit gets a Kube when there is no copy, opens its files, and judges them.
func TestEdit(t *testing.T) {
	_, home := pinned(t)
	runKPM(t, home, "update")
	screen, code := editWith(t, home, `printf '[%s]\n'`, "nginx-standard")
	for _, want := range []string{"Cached files into", "[K3.yaml]", "[manifests/nginx-standard.yaml]", "fine"} {
		if !strings.Contains(screen, want) {
			t.Errorf("the screen lacks %q: %s", want, screen)
		}
	}
	if code != exitDone || strings.Contains(screen, "Edited") {
		t.Errorf("got exit code %d: %s", code, screen)
	}
	mine := "kind: [ # mine\n"
	screen, code = editWith(t, home, "printf 'kind: [ # mine\\n' >", "nginx-standard", "manifests/nginx-standard.yaml")
	if code != exitFailed || !strings.Contains(screen, "---> Edited: manifests/nginx-standard.yaml") || strings.Contains(screen, "Cached") {
		t.Errorf("a broken file: got exit code %d: %s", code, screen)
	}
	got, err := os.ReadFile(filepath.Join(home, "nginx-standard", "manifests", "nginx-standard.yaml"))
	if err != nil || string(got) != mine {
		t.Errorf("the edit is %q, %v", got, err)
	}
}

func TestEditRefused(t *testing.T) {
	_, home := pinned(t)
	runKPM(t, home, "update")
	runKPM(t, home, "get", "nginx-standard")
	for name, c := range map[string]struct {
		editor string
		args   []string
		code   int
		want   string
	}{
		"an editor that fails":   {"exit 3 #", []string{"nginx-standard"}, exitFailed, "running the editor"},
		"a release, with a copy": {"true", []string{"nginx-standard@1.0.0"}, exitUsage, "there is a copy already"},
		"a file outside":         {"true", []string{"nginx-standard", "../x"}, exitUsage, "is no file of the Kube"},
		"a file that is not":     {"true", []string{"nginx-standard", "x"}, exitFailed, "editing: "},
		"no such Kube":           {"true", []string{"nowhere"}, exitNotFound, "there is no Kube"},
	} {
		t.Run(name, func(t *testing.T) {
			screen, code := editWith(t, home, c.editor, c.args...)
			if code != c.code || !strings.Contains(screen, c.want) {
				t.Errorf("got exit code %d: %s", code, screen)
			}
		})
	}
}
