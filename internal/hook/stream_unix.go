//go:build !windows

package hook

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"syscall"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"
)

// openStream makes a pseudo-terminal for the hook if the user has one.
func openStream(in *os.File) (*stream, error) {
	if in == nil {
		return pipeStream(nil)
	}
	master, slave, err := pty.Open()
	if err != nil {
		return nil, err
	}
	st := &stream{stdin: slave, stdout: slave, from: master, to: master, terminal: true}
	if err := quiet(slave); err != nil {
		st.close()
		return nil, err
	}
	return st, nil
}

// quiet keeps a terminal from repeating what is typed: the user's own terminal
// does that.
func quiet(tty *os.File) error {
	mode, err := unix.IoctlGetTermios(int(tty.Fd()), getTermios)
	if err != nil {
		return err
	}
	mode.Lflag &^= unix.ECHO
	return unix.IoctlSetTermios(int(tty.Fd()), setTermios, mode)
}

// own gives the hook a session of its own, and its terminal with it: it has no
// part in the session of kpm.
func (st *stream) own(cmd *exec.Cmd) {
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Setsid = true
	cmd.SysProcAttr.Setctty = st.terminal
	cmd.Stdin, cmd.Stdout, cmd.Stderr = st.stdin, st.stdout, st.stdout
}

// answer hands on what the user types until ctx ends. It takes nothing from in
// that is not there yet: what is typed later is for kpm's own questions.
func (st *stream) answer(ctx context.Context, in *os.File, answered func()) error {
	if st.to == nil {
		return nil
	}
	wake, drop, err := readableAt(ctx)
	if err != nil {
		return err
	}
	defer drop()
	b := make([]byte, 1<<10)
	for {
		ok, err := typed(in, wake)
		if err != nil || !ok {
			return err
		}
		n, err := in.Read(b)
		answered()
		if n == 0 || err != nil {
			_, _ = st.to.Write([]byte{endOfText}) //nolint:errcheck // the hook may be gone
			return nil
		}
		_, _ = st.to.Write(b[:n]) //nolint:errcheck // the hook may be gone
	}
}

// readableAt gives a file that can be read once ctx ends.
func readableAt(ctx context.Context) (wake *os.File, drop func(), err error) {
	wake, end, err := os.Pipe()
	if err != nil {
		return nil, nil, err
	}
	stop := context.AfterFunc(ctx, func() { _ = end.Close() }) //nolint:errcheck // it wakes the reader, whoever closes it
	return wake, func() {
		stop()
		_ = wake.Close() //nolint:errcheck // carries nothing
	}, nil
}

// endOfText is what a terminal takes for the end of what is typed.
const endOfText = 4

// typed waits until in can be read, and gives false when wake can be read
// first. Descriptors may be of any number, which select cannot have.
func typed(in, wake *os.File) (bool, error) {
	ends := []unix.PollFd{{Fd: int32(in.Fd()), Events: unix.POLLIN}, {Fd: int32(wake.Fd()), Events: unix.POLLIN}} //nolint:gosec // a descriptor is an int of C
	for {
		_, err := unix.Poll(ends, -1)
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if err != nil {
			return false, fmt.Errorf("waiting for an answer: %w", err)
		}
		return ends[1].Revents == 0, nil
	}
}
