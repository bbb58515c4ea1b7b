package hook

import (
	"errors"
	"io"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/kpm-sh/kpm/internal/kube"
)

const (
	maxOutput = 1 << 20 // bytes that a hook may write to its terminal
	maxLine   = 4 << 10 // bytes of a line before it is cut
	minColumn = 20      // columns for the text of a hook; a long name is cut for them
)

var errOutput = errors.New("it writes more than 1 MiB of output")

// printer shows the output of a hook line by line, each after the name of its
// Kube. A line that the hook leaves unfinished is a question once the hook
// rests: then it is shown without an end, and the user's answer ends it.
type printer struct {
	out    io.Writer
	prefix string
	width  int // columns for text after the prefix

	mu    sync.Mutex
	line  []byte // not yet shown
	open  bool   // a question stands on the terminal, unanswered
	cr    bool   // the last byte was a carriage return
	total int
	last  failure
}

func newPrinter(out io.Writer, name string, width int) *printer {
	if width <= 0 {
		width = 80
	}
	if room := max(width-minColumn-len(" | "), 1); len(name) > room {
		name = name[:room]
	}
	prefix := name + " | "
	return &printer{out: out, prefix: prefix, width: max(width-len(prefix), 1)}
}

// write takes output of the hook.
func (p *printer) write(b []byte) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.total += len(b); p.total > maxOutput {
		return errOutput
	}
	for _, c := range b {
		if err := p.add(c); err != nil {
			return err
		}
	}
	return nil
}

// add takes one byte. A carriage return ends a line as well: it would let text
// be written over the prefix.
func (p *printer) add(c byte) error {
	after := p.cr
	p.cr = c == '\r'
	switch {
	case c == '\n' && after:
		return nil
	case c == '\n', c == '\r':
		return p.end()
	}
	if p.line = append(p.line, c); len(p.line) >= maxLine && (utf8.RuneStart(c) || len(p.line) > maxLine+utf8.UTFMax) {
		rest := p.line[len(p.line)-1:]
		p.line = p.line[:len(p.line)-1]
		err := p.end()
		p.line = append(p.line, rest...)
		return err
	}
	return nil
}

// end shows the line so far.
func (p *printer) end() error {
	p.last.note(string(p.line))
	pieces := p.pieces()
	p.line = p.line[:0]
	for _, piece := range pieces {
		if err := p.show(piece + "\n"); err != nil {
			return err
		}
	}
	return nil
}

// rest shows an unfinished line: the hook waits for an answer.
func (p *printer) rest() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.line) == 0 || !endsWhole(p.line) {
		return nil
	}
	pieces := p.pieces()
	p.line = p.line[:0]
	for i, piece := range pieces {
		last := i == len(pieces)-1
		if !last {
			piece += "\n"
		}
		if err := p.show(piece); err != nil {
			return err
		}
		p.open = last
	}
	return nil
}

// answered notes that the user ended the line.
func (p *printer) answered() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.open = false
}

// close shows what is left, and leaves the terminal at the start of a line.
func (p *printer) close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.line) > 0 {
		return p.end()
	}
	if !p.open {
		return nil
	}
	p.open = false
	_, err := io.WriteString(p.out, "\n")
	return err
}

func (p *printer) show(text string) error {
	text = p.prefix + text
	if p.open {
		text = "\n" + text
		p.open = false
	}
	_, err := io.WriteString(p.out, text)
	return err
}

// pieces is the line as it may be shown, cut so that the terminal does not
// break it. What is not ASCII counts for two columns.
func (p *printer) pieces() []string {
	text := kube.Clean(strings.ReplaceAll(string(p.line), "\t", "    "), false)
	var pieces []string
	start, columns := 0, 0
	for i, r := range text {
		w := 1
		if r >= utf8.RuneSelf {
			w = 2
		}
		if columns += w; columns > p.width {
			pieces = append(pieces, text[start:i])
			start, columns = i, w
		}
	}
	return append(pieces, text[start:])
}

// endsWhole reports whether no character of b is cut off at its end.
func endsWhole(b []byte) bool {
	for i := len(b) - 1; i >= 0 && i >= len(b)-utf8.UTFMax; i-- {
		if utf8.RuneStart(b[i]) {
			return utf8.FullRune(b[i:])
		}
	}
	return true
}
