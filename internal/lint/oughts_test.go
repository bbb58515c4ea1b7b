package lint_test

import (
	"testing"

	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/lint"
)

// TestHookNames: what is called as a hook, and is none, is told where the hook lies; what
// only happens to lie beside it is not.
func TestHookNames(t *testing.T) {
	for file, want := range map[string]string{
		"scripts/preinstall.py":        "nothing runs it: a hook is called scripts/pre-install.py",
		"scripts/pre_install.py":       "nothing runs it: a hook is called scripts/pre-install.py",
		"scripts/Pre-Install.py":       "nothing runs it: a hook is called scripts/pre-install.py",
		"pre-install.py":               "nothing runs it: a hook is called scripts/pre-install.py",
		"hooks/pre-install.py":         "nothing runs it: a hook is called scripts/pre-install.py",
		"scripts/pre-install.sh":       "nothing runs it: a hook is Python, in scripts/pre-install.py",
		"scripts/pre-install":          "nothing runs it: a hook is Python, in scripts/pre-install.py",
		"scripts/post-install.py":      "nothing runs it: the one hook is scripts/pre-install.py, which runs before an install and before an upgrade",
		"scripts/pre-upgrade.py":       "nothing runs it: the one hook is scripts/pre-install.py, which runs before an install and before an upgrade",
		"scripts/pre-install.py":       "",
		"scripts/passwords.py":         "",
		"docs/post-install.md":         "",
		"examples/old/post-install.py": "",
	} {
		k := pony(t, map[string]string{"a.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"})
		k.Files = append(k.Files, kube.File{Path: file})
		_, ps := lint.Kube(t.Context(), k)
		if want != "" {
			want = file + ":1: warning: " + want + " [hook-name]"
		}
		if got := ps.Error(); got != want {
			t.Errorf("%s: got %q, want %q", file, got, want)
		}
	}
}
