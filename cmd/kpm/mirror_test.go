package main

import (
	"strings"
	"testing"
	"time"

	"github.com/kpm-sh/kpm/client/mirror"
)

// TestCopyBar: progress with bytes and time left on a terminal, of files, and then of
// images at their own pace; elsewhere there is none.
func TestCopyBar(t *testing.T) {
	var out strings.Builder
	now := time.Unix(0, 0)
	clock := func() time.Time { return now }
	if copyBar(&stdio{err: &out}, clock) != nil {
		t.Error("a bar is drawn where no terminal is")
	}
	terminal := &stdio{err: &out}
	terminal.errTerminal = true
	files := copyBar(terminal, clock)
	now = now.Add(10 * time.Second)
	files(mirror.Progress{Bytes: 1 << 20, OfBytes: 4 << 20})
	if !strings.Contains(out.String(), " 25% ") || !strings.Contains(out.String(), ", 30s left") {
		t.Errorf("of files it drew %q", out.String())
	}
	ticks := copyBar(terminal, func() time.Time { now = now.Add(10 * time.Second); return now })
	out.Reset()
	ticks(mirror.Progress{OfImages: 3, Bytes: 1 << 20, OfBytes: 2 << 20})
	if !strings.Contains(out.String(), " 50% ") || !strings.Contains(out.String(), ", 10s left") {
		t.Errorf("of images it drew %q", out.String())
	}
}
