package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestActionlint has actionlint judge the workflows that init writes and that docs/ shows;
// `make check` has it judge our own. It is a program of its own, which go run fetches.
func TestActionlint(t *testing.T) {
	const actionlint = "github.com/rhysd/actionlint/cmd/actionlint@v1.7.12"
	bin := t.TempDir()
	install := exec.CommandContext(t.Context(), "go", "install", actionlint)
	install.Env = append(os.Environ(), "GOBIN="+bin)
	if out, err := install.CombinedOutput(); err != nil {
		t.Skipf("skipped: %s cannot be had here: %v\n%s", actionlint, err, out)
	}
	repo := filepath.Join(t.TempDir(), "new")
	if said, code := runForTest(t, "init", repo, "--name", "acme", "--url", "https://acme.example/"); code != 0 {
		t.Fatal(said)
	}
	shown := filepath.Join(repo, ".github/workflows/tests.yml")
	if err := os.WriteFile(shown, []byte(scaled(t, "strategy:")), 0o600); err != nil {
		t.Fatal(err)
	}
	judge := func(files ...string) (string, error) {
		out, err := exec.CommandContext(t.Context(), filepath.Join(bin, "actionlint"), append([]string{"-no-color"}, files...)...).CombinedOutput()
		return string(out), err
	}
	all, err := filepath.Glob(filepath.Join(repo, ".github/workflows/*.yml"))
	if err != nil || len(all) < 2 {
		t.Fatalf("%v, %v", all, err)
	}
	if out, err := judge(all...); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	data, err := os.ReadFile(shown)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(shown, []byte(strings.Replace(string(data), "needs: parts", "needs: party", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := judge(shown); err == nil {
		t.Error("a job that needs none is taken")
	}
}

// scaled is a block of docs/publish.md about tests on many machines that has a text.
func scaled(t *testing.T, text string) string {
	t.Helper()
	page, err := os.ReadFile("../../docs/publish.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range strings.Split(string(page), "\n```yaml\n")[1:] {
		if block, _, _ := strings.Cut(part, "\n```\n"); strings.Contains(block, text) {
			return block + "\n"
		}
	}
	t.Fatalf("docs/publish.md has no block with %q", text)
	return ""
}
