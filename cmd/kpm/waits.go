package main

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/term"

	"github.com/kpm-sh/kpm/client"
	"github.com/kpm-sh/kpm/internal/cluster/ready"
	"github.com/kpm-sh/kpm/internal/kube"
)

// waiting shows what is waited for: on a terminal a line for each object that is
// not ready, all of them drawn again when one changes; elsewhere a line for each
// change. What there is to know of one that is ready is a line of its own.
func (s *stdio) waiting() func(ready.Waiting) {
	if s.errTerminal && !s.quiet {
		return (&waits{std: s}).change
	}
	return func(w ready.Waiting) {
		switch {
		case w.Why != "":
			s.step("%s", waitingFor(w))
		case w.Note != "":
			s.step("%s: %s", w.Ref, w.Note)
		}
	}
}

func waitingFor(w ready.Waiting) string {
	return fmt.Sprintf("Waiting for %s: %s", w.Ref, w.Why)
}

// waits are the objects that are waited for, in the order in which they came up.
type waits struct {
	std  *stdio
	open []ready.Waiting
}

func (v *waits) change(w ready.Waiting) {
	i := slices.IndexFunc(v.open, func(o ready.Waiting) bool { return o.Ref == w.Ref })
	switch {
	case i < 0 && w.Why != "":
		v.open = append(v.open, w)
	case i >= 0 && w.Why != "":
		v.open[i] = w
	case i >= 0:
		v.open = slices.Delete(v.open, i, i+1)
	}
	if w.Why == "" && w.Note != "" {
		v.std.step("%s: %s", w.Ref, w.Note)
	}
	v.draw()
}

// maxWaits is how many objects have a line of their own.
const maxWaits = 8

// draw draws over what was drawn before. No line is wider than the terminal: it
// would take two, and clear would miss one.
func (v *waits) draw() {
	lines := make([]string, 0, maxWaits+1)
	for _, w := range v.open[:min(len(v.open), maxWaits)] {
		lines = append(lines, waitingFor(w))
	}
	if more := len(v.open) - maxWaits; more > 0 {
		lines = append(lines, fmt.Sprintf("Waiting for %d more", more))
	}
	width := v.std.width()
	var b strings.Builder
	for _, line := range lines {
		fmt.Fprintf(&b, "---> %s\n", cut(kube.Clean(line, false), width-len("---> ")))
	}
	v.std.clear()
	fmt.Fprint(v.std.err, b.String())
	if len(lines) > 0 {
		v.std.drawn = fmt.Sprintf("\r\x1b[%dA\x1b[J", len(lines))
	}
}

// width is how many characters the terminal of the messages has in a line.
func (s *stdio) width() int {
	if f, ok := s.err.(*os.File); ok {
		if width, _, err := term.GetSize(int(f.Fd())); err == nil && width > 0 {
			return width
		}
	}
	return 80
}

// cut shortens a line to so many characters, of which wide ones count twice.
func cut(line string, most int) string {
	room := max(most-1, 1) // some terminals wrap after the last one
	for i, r := range line {
		if room -= cells(r); room < 0 {
			return line[:i] + "…"
		}
	}
	return line
}

func cells(r rune) int {
	if utf8.RuneLen(r) > 2 {
		return 2 // more than most need, never less
	}
	return 1
}

// waitFlags say whether to wait for what was done to take effect.
type waitFlags struct {
	NoWait  bool          `help:"Do not wait until the objects are ready, or gone; only where the order wants it."`
	Timeout time.Duration `type:"span" variable:"KPM_TIMEOUT" default:"5m" help:"Wait this long at most, in all (KPM_TIMEOUT)."`
}

func (w waitFlags) wait(std *stdio) client.Wait {
	return client.Wait{Wanted: !w.NoWait, Timeout: w.Timeout, Waiting: std.waiting()}
}
