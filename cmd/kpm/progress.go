package main

import (
	"fmt"
	"strings"
	"time"
)

// progress draws the bar of a download, on a terminal only.
func (s *stdio) progress() func(done, total int64) {
	if !s.errTerminal || s.quiet {
		return nil
	}
	b := &bar{std: s}
	return b.draw
}

// bar is a line that is drawn over itself, at most ten times a second.
type bar struct {
	std  *stdio
	left string // what follows the size
	last time.Time
}

func (b *bar) draw(done, total int64) {
	const width = 30
	if total <= 0 || (done < total && time.Since(b.last) < 100*time.Millisecond) {
		return
	}
	b.last = time.Now()
	full := int(done * width / total)
	fmt.Fprintf(b.std.err, "\r%s%s %3d%% %s%s", strings.Repeat("#", full), strings.Repeat(".", width-full), done*100/total, size(total), b.left)
	b.std.drawn = "\r\x1b[K"
	if done >= total {
		b.std.clear()
	}
}

// clear takes away what is drawn before something else is written.
func (s *stdio) clear() {
	fmt.Fprint(s.err, s.drawn)
	s.drawn = ""
}
