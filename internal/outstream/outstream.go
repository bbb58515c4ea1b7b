// Package outstream notices when what a program says cannot be written. Most of what
// a command prints goes through calls whose errors nobody looks at one by one; the
// stream remembers the first of them, and the program ends with a code that says so.
package outstream

import (
	"errors"
	"fmt"
	"io"
	"sync"
	"syscall"
)

// Stream is a standard stream that remembers its first failed write. It is safe for
// concurrent use.
type Stream struct {
	name string
	to   io.Writer

	mu  sync.Mutex
	err error
}

// New is a stream to a writer; name is what an error calls it.
func New(name string, to io.Writer) *Stream { return &Stream{name: name, to: to} }

// Write writes to what is below, and remembers an error.
func (s *Stream) Write(p []byte) (int, error) {
	n, err := s.to.Write(p)
	if err != nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.err == nil {
			s.err = err
		}
	}
	return n, err
}

// Err is nil while all could be written. Of a pipe whose reader is gone it is
// ErrClosed: there is nobody to tell.
func (s *Stream) Err() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.err == nil:
		return nil
	case errors.Is(s.err, syscall.EPIPE):
		return ErrClosed
	}
	return fmt.Errorf("writing to %s: %w", s.name, s.err)
}

// ErrClosed says that whoever read the stream does so no more.
var ErrClosed = errors.New("nobody reads any more")

// Below is what a stream writes to, for programs that are given it; any other writer
// is itself.
func Below(w io.Writer) io.Writer {
	if s, ok := w.(*Stream); ok {
		return s.to
	}
	return w
}

// First is the first error of some writers that are streams, ErrClosed before none.
func First(writers ...io.Writer) error {
	var closed error
	for _, w := range writers {
		s, ok := w.(*Stream)
		if !ok {
			continue
		}
		err := s.Err()
		if err != nil && !errors.Is(err, ErrClosed) {
			return err
		}
		closed = errors.Join(closed, err)
	}
	return closed
}
