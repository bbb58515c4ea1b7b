package docs_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kpm-sh/kpm/docs"
)

// What format.md says to type to check a head by hand does that, with stock tools: a head
// of the site passes, and one byte more does not. A tool that is not there is said to be
// missing, and what needs it is skipped.
func TestByHand(t *testing.T) {
	t.Parallel()
	lines := byHand(t)
	bin := binaries(t)
	dir := t.TempDir()
	sh := func(script string) ([]byte, error) {
		cmd := exec.CommandContext(t.Context(), "sh", "-euc", script)
		cmd.Dir, cmd.Env = dir, append(os.Environ(), "HOME="+dir, "PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"))
		return cmd.CombinedOutput()
	}
	if out, err := sh(`mkdir packages
kpm-indexer trust init --out keys --name acme
kpm-indexer build --out site --key keys/index.key --trust keys --first
cp -r site/. keys/index.key.pub .`); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	checked := 0
	for _, line := range lines {
		tool, _, _ := strings.Cut(line, " ")
		if _, err := exec.LookPath(tool); err != nil {
			t.Logf("skipped: %s is not in PATH: %s", tool, line)
			continue
		}
		if out, err := sh(line); err != nil {
			t.Fatalf("%s: %v: %s", line, err, out)
		}
		if tool != "cosign" && tool != "openssl" {
			continue
		}
		checked++
		payload := filepath.Join(dir, "payload")
		signed, err := os.ReadFile(payload)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(payload, append(signed, ' '), 0o600); err != nil {
			t.Fatal(err)
		}
		if out, err := sh(line); err == nil {
			t.Errorf("%s accepts another payload: %s", line, out)
		}
		if err := os.WriteFile(payload, signed, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if checked == 0 {
		t.Skip("neither cosign nor openssl is in PATH")
	}
}

// byHand are the lines of section 3 of format.md that are to be typed.
func byHand(t *testing.T) []string {
	t.Helper()
	text, err := docs.Files.ReadFile("format.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(text), "\n## 3. Envelope\n")
	section, _, _ = strings.Cut(section, "\n## ")
	var lines []string
	for line := range strings.Lines(section) {
		if typed, ok := strings.CutPrefix(line, "    "); ok {
			lines = append(lines, strings.TrimSpace(typed))
		}
	}
	if len(lines) != 5 {
		t.Fatalf("section 3 has %d lines to type, want 5: %q", len(lines), lines)
	}
	return lines
}
