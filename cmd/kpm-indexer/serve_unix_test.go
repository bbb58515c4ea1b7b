//go:build unix

package main

import (
	"os"
	"os/exec"
	"syscall"
	"testing"
)

// TestServeStops: serve ends at once, and well, when it is told to.
func TestServeStops(t *testing.T) {
	for _, sig := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT} {
		cmd := exec.Command(os.Args[0])
		cmd.Args = []string{"kpm-indexer", "serve", testSite(t), "--listen", "127.0.0.1:0"} // TestMain runs main
		cmd.Stderr = os.Stderr
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		wantServed(t, out)
		if err := cmd.Process.Signal(sig); err != nil {
			t.Error(err)
		}
		if err := cmd.Wait(); err != nil {
			t.Errorf("after %s: %v", sig, err)
		}
	}
}
