package hook

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"

	"golang.org/x/sys/unix"
)

// enter starts cmd, hands it the cell to lock itself up in, and waits until it
// has become Python. What the process makes in memory is given to fill, before
// the process sees it, and where its filter asks to listen. If it cannot, it says why
// and is dead.
func enter(ctx context.Context, cmd *exec.Cmd, c cell, fill func([]*os.Root) error, listen func(*os.File)) error {
	text, err := json.Marshal(c)
	if err != nil {
		return err
	}
	ends, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	link, its := os.NewFile(uintptr(ends[0]), "hook"), os.NewFile(uintptr(ends[1]), "kpm")
	defer func() { _ = link.Close() }() //nolint:errcheck // a socket has nothing to flush
	cmd.ExtraFiles = []*os.File{its}
	err = cmd.Start()
	_ = its.Close() //nolint:errcheck // the process has its own
	if err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, func() { kill(cmd) })
	defer stop()
	if err := guide(link, text, fill, listen); err != nil {
		kill(cmd)
		_ = cmd.Wait() //nolint:errcheck // killed
		return err
	}
	return nil
}

// guide tells the process on the other side what to do, and gives what hinders it.
// That side ends when the process has become Python.
func guide(link *os.File, orders []byte, fill func([]*os.Root) error, listen func(*os.File)) error {
	if _, err := link.Write(orders); err != nil {
		return err
	}
	for {
		said, held, err := receive(link)
		switch {
		case err != nil:
			return err
		case len(held) == 1 && said[0] == listens:
			listen(os.NewFile(uintptr(held[0]), "filter"))
		case len(held) > 0:
			made, err := openAll(held)
			if err != nil {
				return err
			}
			if err := fill(made); err != nil {
				return err
			}
			if _, err := link.Write([]byte{handsOver}); err != nil {
				return err
			}
		case len(said) > 0:
			return errors.New(string(said))
		default:
			return nil
		}
	}
}

// receive gives the next message of link: text, or with its first byte descriptors;
// neither at its end.
func receive(link *os.File) (said []byte, fds []int, err error) {
	said, rights := make([]byte, 4<<10), make([]byte, unix.CmsgSpace(2*4))
	n, held := 0, 0
	for {
		n, held, _, _, err = unix.Recvmsg(int(link.Fd()), said, rights, unix.MSG_CMSG_CLOEXEC)
		if !errors.Is(err, unix.EINTR) {
			break
		}
	}
	if err != nil {
		return nil, nil, fmt.Errorf("listening to it: %w", err)
	}
	messages, err := unix.ParseSocketControlMessage(rights[:held])
	if err != nil || len(messages) == 0 {
		return said[:n], nil, err
	}
	fds, err = unix.ParseUnixRights(&messages[0])
	return said[:n], fds, err
}

// openAll opens folders that are known by descriptors alone.
func openAll(fds []int) (roots []*os.Root, err error) {
	for _, fd := range fds {
		root, opening := os.OpenRoot(fmt.Sprintf("/proc/self/fd/%d", fd))
		err = errors.Join(err, opening, unix.Close(fd))
		if opening == nil {
			roots = append(roots, root)
		}
	}
	if err == nil {
		return roots, nil
	}
	for _, root := range roots {
		_ = root.Close() //nolint:errcheck // nothing was written
	}
	return nil, err
}
