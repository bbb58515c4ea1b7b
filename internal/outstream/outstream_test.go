package outstream_test

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/kpm-sh/kpm/internal/outstream"
)

type broken struct{ err error }

func (b broken) Write([]byte) (int, error) { return 0, b.err }

func TestStream(t *testing.T) {
	var b strings.Builder
	good := outstream.New("standard output", &b)
	fmt.Fprint(good, "a", "b")
	if b.String() != "ab" || good.Err() != nil {
		t.Errorf("got %q, %v", b.String(), good.Err())
	}
	full := errors.New("no space left")
	bad := outstream.New("standard error", broken{full})
	fmt.Fprint(bad, "a")
	fmt.Fprint(bad, "b")
	if err := bad.Err(); !errors.Is(err, full) || err.Error() != "writing to standard error: no space left" {
		t.Errorf("got %v", err)
	}
	if outstream.Below(bad) != (broken{full}) || outstream.Below(io.Discard) != io.Discard {
		t.Error("what is below is not")
	}
}

// A pipe whose reader is gone is told apart: a full disk weighs more.
func TestClosedPipe(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close() //nolint:errcheck // its reader is gone
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	pipe, full := outstream.New("a", w), outstream.New("b", broken{errors.New("no space left")})
	fmt.Fprint(pipe, "x")
	if err := outstream.First(pipe, io.Discard, full); !errors.Is(err, outstream.ErrClosed) {
		t.Errorf("got %v", err)
	}
	fmt.Fprint(full, "x")
	if err := outstream.First(pipe, full); err == nil || errors.Is(err, outstream.ErrClosed) {
		t.Errorf("got %v", err)
	}
	if err := outstream.First(io.Discard); err != nil {
		t.Errorf("got %v", err)
	}
}
