package hook

import (
	"os"
	"time"
)

// restAfter is when an unfinished line is a question.
const restAfter = 100 * time.Millisecond

// stream is what joins a hook to kpm.
type stream struct {
	stdin, stdout *os.File // the hook's ends
	from          *os.File // what the hook writes
	to            *os.File // what it reads; nil if nobody answers
	terminal      bool     // the hook's ends are a terminal
}

// closeHook closes the hook's ends once the hook has them.
func (st *stream) closeHook() {
	_ = st.stdin.Close()  //nolint:errcheck // the hook has its own
	_ = st.stdout.Close() //nolint:errcheck // may be the same file
}

func (st *stream) close() {
	st.closeHook()
	_ = st.from.Close() //nolint:errcheck // all was read
}

// show prints what the hook writes until none of its processes can write any
// more. An error goes to end, and it still reads: a hook that waits for its
// output to be taken could not be ended.
func (st *stream) show(out *printer, end func(error)) {
	chunks := make(chan []byte)
	go func() {
		defer close(chunks)
		for {
			b := make([]byte, 4<<10)
			n, err := st.from.Read(b)
			if n > 0 {
				chunks <- b[:n]
			}
			if err != nil {
				return // the end: a pseudo-terminal has no other
			}
		}
	}()
	if err := st.print(chunks, out); err != nil {
		end(err)
	}
	for range chunks {
		continue
	}
}

func (st *stream) print(chunks <-chan []byte, out *printer) error {
	var rests <-chan time.Time
	for {
		var err error
		select {
		case b, ok := <-chunks:
			if !ok {
				return out.close()
			}
			err = out.write(b)
			if st.to != nil {
				rests = time.After(restAfter)
			}
		case <-rests:
			rests = nil
			err = out.rest()
		}
		if err != nil {
			return err
		}
	}
}

// pipeStream is a stream for a hook that nobody answers, or whose answers come
// straight from stdin.
func pipeStream(stdin *os.File) (*stream, error) {
	var err error
	if stdin == nil {
		if stdin, err = os.Open(os.DevNull); err != nil {
			return nil, err
		}
	}
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	return &stream{stdin: stdin, stdout: w, from: r}, nil
}
