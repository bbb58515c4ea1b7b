//go:build unix

package main

import (
	"bytes"
	"net/http"
	"os"
	"sync"
	"testing"
)

// hang answers nothing until the test ends, and says when it was asked.
func hang(t *testing.T, asked func()) func(http.ResponseWriter, *http.Request) bool {
	return func(_ http.ResponseWriter, r *http.Request) bool {
		asked()
		select {
		case <-r.Context().Done():
		case <-t.Context().Done():
		}
		return true
	}
}

// Ctrl-C ends an update that waits for a server with 130.
func TestInterrupt(t *testing.T) {
	site, home := pinned(t)
	asked := make(chan struct{})
	var once sync.Once
	site.Misbehave(hang(t, func() { once.Do(func() { close(asked) }) }))
	cmd := command(t.Context(), home, "update")
	var out bytes.Buffer
	cmd.Stderr = &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	<-asked
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // its code is what counts
	if got := cmd.ProcessState.ExitCode(); got != exitInterrupted {
		t.Errorf("got exit code %d, want 130: %s", got, out.String())
	}
	if _, code := runKPM(t, home, "search"); code != exitFailed {
		t.Errorf("search afterwards: got %d, want %d, as nothing was fetched", code, exitFailed)
	}
}
