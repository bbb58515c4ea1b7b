package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/kpm-sh/kpm/cmd/internal/exit"
)

// testSite is a folder that looks like a site.
func testSite(t *testing.T) string {
	t.Helper()
	site := t.TempDir()
	if err := os.MkdirAll(filepath.Join(site, "v1"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(site, "v1/index.json"), []byte("{}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	return site
}

// wantServed reads the URL, which is the first line, and gets the head.
func wantServed(t *testing.T, out io.Reader) {
	t.Helper()
	line, err := bufio.NewReader(out).ReadString('\n')
	url := strings.TrimSpace(line)
	if err != nil || !strings.HasPrefix(url, "http://127.0.0.1:") || strings.HasSuffix(url, ":0") {
		t.Fatalf("the first line is %q (%v), want a URL", line, err)
	}
	resp, err := http.Get(url + "/v1/index.json")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close() //nolint:errcheck // read only
	if body, err := io.ReadAll(resp.Body); err != nil || string(body) != "{}\n" {
		t.Errorf("%s %q %v", resp.Status, body, err)
	}
}

// TestServe: serve prints its URL first, takes a free port for 0, and ends
// with its context.
func TestServe(t *testing.T) {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	r, w := io.Pipe()
	code := make(chan int)
	go func() {
		code <- run(ctx, []string{"serve", testSite(t), "--listen", "127.0.0.1:0"}, stdio{out: w, err: io.Discard, getenv: func(string) string { return "" }, clock: time.Now})
	}()
	wantServed(t, r)
	stop()
	if got := <-code; got != 0 {
		t.Errorf("exit code %d, want 0", got)
	}
}

// TestReport: progress is rewritten in place on a terminal, and a line now and
// then elsewhere.
func TestReport(t *testing.T) {
	for terminal, want := range map[bool]string{
		true:  "\r---> packing: 1 of 2\x1b[K\r\x1b[K",
		false: "",
	} {
		var b strings.Builder
		report := stdio{err: &b, terminal: terminal}.report()
		report("packing", 1, 2)
		report("packing", 2, 2)
		if b.String() != want {
			t.Errorf("terminal %v: got %q, want %q", terminal, &b, want)
		}
	}
	var b strings.Builder
	report := stdio{err: &b}.report()
	for i := range 2500 {
		report("packing", i+1, 2500)
	}
	if want := "---> packing: 1000 of 2500\n---> packing: 2000 of 2500\n"; b.String() != want {
		t.Errorf("got %q, want %q", &b, want)
	}
}

// TestInterrupted: a command that its context ended exits 130.
func TestInterrupted(t *testing.T) {
	ctx, stop := context.WithCancel(context.Background())
	stop()
	packages := t.TempDir()
	if err := os.Mkdir(filepath.Join(packages, "pony"), 0o755); err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	got := run(ctx, []string{"check", "--packages", packages}, stdio{out: io.Discard, err: &b, getenv: func(string) string { return "" }, clock: time.Now})
	if want := fmt.Sprintf("kpm-indexer: %s\n", errInterrupted); got != exit.Interrupted || b.String() != want {
		t.Errorf("exit code %d, %q", got, &b)
	}
}

// TestServeVerbose: with -v there is a line for each request, and what was asked for
// cannot steer a terminal.
func TestServeVerbose(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	r, w := io.Pipe()
	var log bytes.Buffer
	code := make(chan int)
	go func() {
		code <- run(ctx, []string{"serve", testSite(t), "--listen", "127.0.0.1:0", "-v"}, stdio{out: w, err: &log, getenv: func(string) string { return "" }, clock: time.Now})
	}()
	line, err := bufio.NewReader(r).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	for _, at := range []string{"/v1/index.json", "/x%1b%5b31m"} {
		resp, err := http.Get(strings.TrimSpace(line) + at)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close() //nolint:errcheck // nothing is read
	}
	stop()
	<-code
	for _, text := range []string{" GET /v1/index.json 200, ", " GET /x%1b%5b31m 404, "} {
		if !strings.Contains(log.String(), text) {
			t.Errorf("the log has no %q: %q", text, log.String())
		}
	}
	if strings.Contains(log.String(), "\x1b") {
		t.Errorf("the log steers the terminal: %q", log.String())
	}
}
