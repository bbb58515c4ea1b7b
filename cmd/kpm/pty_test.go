//go:build unix

package main

import (
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/creack/pty"

	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/sitetest"
)

// onTerminal runs kpm on a terminal, types answer when it sees prompt, and gives
// what was on the screen and the exit code.
func onTerminal(t *testing.T, home, prompt, answer string, args ...string) (string, int) {
	t.Helper()
	cmd := command(t.Context(), home, args...)
	tty, err := pty.Start(cmd)
	if err != nil {
		t.Fatal(err)
	}
	defer tty.Close() //nolint:errcheck // the process has ended
	var screen bytes.Buffer
	buf := make([]byte, 4096)
	typed := prompt == ""
	for {
		n, err := tty.Read(buf)
		screen.Write(buf[:n])
		if !typed && strings.Contains(screen.String(), prompt) {
			typed = true
			if _, err := io.WriteString(tty, answer); err != nil {
				t.Fatal(err)
			}
		}
		if err != nil {
			if !errors.Is(err, io.EOF) && !errors.Is(err, syscall.EIO) { // Linux says EIO when the other side is gone
				t.Fatal(err)
			}
			break
		}
	}
	var exit *exec.ExitError
	if err := cmd.Wait(); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return screen.String(), cmd.ProcessState.ExitCode()
}

// Without a pin, `repo add` shows what it would pin and asks; nothing but yes is
// yes, and -y is no answer.
func TestTrustIsAsked(t *testing.T) {
	const prompt = "[y/N]"
	for answer, want := range map[string]int{"y\n": exitDone, "yes\n": exitDone, "n\n": exitDeclined, "\n": exitDeclined, "\x04": exitDeclined, "\x03": exitInterrupted} {
		site := sitetest.New(t)
		home := t.TempDir()
		screen, code := onTerminal(t, home, prompt, answer, "repo", "add", "-y", "main", site.URL)
		if code != want {
			t.Errorf("answer %q: got exit code %d, want %d: %s", answer, code, want, screen)
		}
		if !strings.Contains(screen, site.Pin.String()) {
			t.Errorf("the pin is not shown: %s", screen)
		}
		if _, err := os.Stat(filepath.Join(home, ".config.yaml")); (err == nil) != (want == exitDone) {
			t.Errorf("answer %q: configuration: %v", answer, err)
		}
	}
}

func TestEditsAreAskedFor(t *testing.T) {
	_, home := pinned(t)
	runKPM(t, home, "update")
	runKPM(t, home, "get", "nginx-standard")
	notes := filepath.Join(home, "nginx-standard", "notes.txt")
	if err := os.WriteFile(notes, []byte("mine"), 0o644); err != nil {
		t.Fatal(err)
	}
	screen, code := onTerminal(t, home, "[y/N]", "n\n", "get", "nginx-standard")
	if _, err := os.Stat(notes); code != exitDeclined || err != nil {
		t.Errorf("no: got exit code %d, %v: %s", code, err, screen)
	}
	screen, code = onTerminal(t, home, "[y/N]", "y\n", "get", "nginx-standard")
	if _, err := os.Stat(notes); code != exitDone || !errors.Is(err, os.ErrNotExist) {
		t.Errorf("yes: got exit code %d, %v: %s", code, err, screen)
	}
}

// A bar is drawn on a terminal, and nowhere else.
func TestProgressBar(t *testing.T) {
	_, home := pinned(t)
	runKPM(t, home, "update")
	screen, code := onTerminal(t, home, "", "", "get", "nginx-standard")
	if code != exitDone || !strings.Contains(screen, "100%") {
		t.Errorf("on a terminal: exit code %d, %q", code, screen)
	}
	if out, _ := runKPM(t, home, "get", "etcd-standalone"); strings.ContainsAny(out, "%\r\x1b") {
		t.Errorf("on none: %q", out)
	}
}

// JSON on a terminal passes the filter, too.
func TestJSONOnATerminal(t *testing.T) {
	site, home := pinned(t)
	site.Publish(hostile("1.0.0"))
	runKPM(t, home, "update")
	screen, _ := onTerminal(t, home, "", "", "info", "hostile", "-o", "json")
	for _, r := range screen {
		if !strings.ContainsRune("\n\r\t", r) && !kube.PrintableRune(r) {
			t.Errorf("the screen got %U", r)
		}
	}
}
