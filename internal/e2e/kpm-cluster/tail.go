//go:build linux

package main

import (
	"bytes"
	"os"
	"path/filepath"

	"github.com/kpm-sh/kpm/internal/e2e/cluster"
)

// tail returns the end of a cluster's log, which explains why it did not start
// and is about to be removed.
func tail(dir string) []byte {
	const lines = 20
	text, err := os.ReadFile(filepath.Join(dir, cluster.LogName))
	if err != nil {
		return nil
	}
	all := bytes.Split(bytes.TrimSpace(text), []byte("\n"))
	return bytes.Join(all[max(0, len(all)-lines):], []byte("\n"))
}
