//go:build amd64 || arm64

package hook

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"unsafe"

	"golang.org/x/sys/unix"
)

// fileCall is a system call that opens or writes a file: which of its arguments are
// the folder, the path and the flags; -1 for none. Without flags it writes.
type fileCall struct {
	call             uint32
	dir, path, flags int
}

func fileCalls() []fileCall {
	return append([]fileCall{
		{unix.SYS_OPENAT, 0, 1, 2}, {unix.SYS_MKDIRAT, 0, 1, -1}, {unix.SYS_UNLINKAT, 0, 1, -1},
		{unix.SYS_RENAMEAT2, 2, 3, -1}, {unix.SYS_SYMLINKAT, 1, 2, -1}, {unix.SYS_TRUNCATE, -1, 0, -1},
	}, fileCallsHere()...)
}

// quiet are families of sockets that libraries ask for when nobody meant a network: the
// name service of the system, the list of its interfaces.
var quietFamilies = []uint32{unix.AF_UNIX, unix.AF_NETLINK}

// askOfRefused asks kpm where the usual filter refuses, and of files.
func (p *program) askOfRefused() {
	for _, family := range quietFamilies {
		p.refuseEqual(unix.SYS_SOCKET, 0, family)
	}
	calls := forbidden()
	for _, f := range fileCalls() {
		calls = append(calls, f.call)
	}
	for _, call := range calls {
		*p = append(*p, jump(unix.BPF_JEQ, call, 0, 1), verdict(unix.SECCOMP_RET_USER_NOTIF))
	}
}

// installAsking makes the filter that of this thread, and hands over where what it asks
// is answered.
func installAsking(filter []unix.SockFilter) error {
	p := unix.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]}
	fd, _, errno := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, unix.SECCOMP_FILTER_FLAG_NEW_LISTENER, uintptr(unsafe.Pointer(&p)))
	if errno != 0 {
		return errno
	}
	return unix.Sendmsg(orderFile, []byte{listens}, unix.UnixRights(int(fd)), nil, 0)
}

// asked and answer are seccomp_notif and seccomp_notif_resp of the kernel.
type asked struct {
	id         uint64
	pid, flags uint32
	call       int32
	arch       uint32
	at         uint64
	args       [6]uint64
}

type answer struct {
	id    uint64
	val   int64
	err   int32
	flags uint32
}

// refusals answers what a hook asks of the kernel, until its context ends.
type refusals struct {
	listener *os.File
	permitted
}

// answerAll answers until ctx ends. The first thing that the hook may not is its end.
func (r *refusals) answerAll(ctx context.Context, end context.CancelCauseFunc) error {
	defer r.listener.Close() //nolint:errcheck // nobody writes to it
	wake, drop, err := readableAt(ctx)
	if err != nil {
		return err
	}
	defer drop()
	for {
		ok, err := typed(r.listener, wake)
		if err != nil || !ok {
			return nil //nolint:nilerr // the hook is gone
		}
		var q asked
		switch err := r.ioctl(unix.SECCOMP_IOCTL_NOTIF_RECV, unsafe.Pointer(&q)); {
		case errors.Is(err, unix.EINTR), errors.Is(err, unix.ENOENT):
			continue // who asked is dead
		case err != nil:
			return nil //nolint:nilerr // all are
		}
		why := r.judge(q)
		a := answer{id: q.id, flags: unix.SECCOMP_USER_NOTIF_FLAG_CONTINUE}
		if why != "" {
			end(errors.New(why)) // before it can go on
			a = answer{id: q.id, err: -int32(unix.EPERM)}
		}
		_ = r.ioctl(unix.SECCOMP_IOCTL_NOTIF_SEND, unsafe.Pointer(&a)) //nolint:errcheck // who asked may be dead
	}
}

func (r *refusals) ioctl(request uint, arg unsafe.Pointer) error {
	_, _, errno := unix.Syscall(unix.SYS_IOCTL, r.listener.Fd(), uintptr(request), uintptr(arg))
	if errno != 0 {
		return errno
	}
	return nil
}

// judge says what a hook asks for that it may not have; "" if it may.
func (r *refusals) judge(q asked) string {
	call := uint32(q.call) //nolint:gosec // a number of a system call
	all := fileCalls()
	i := slices.IndexFunc(all, func(f fileCall) bool { return f.call == call })
	switch {
	case call == unix.SYS_SOCKET:
		return "it opens a socket, and no network is for it"
	case i < 0:
		return fmt.Sprintf("it makes the system call %d, which is for no hook", call)
	}
	f := all[i]
	if f.dir >= 0 && int32(q.args[f.dir]) != unix.AT_FDCWD { //nolint:gosec // a descriptor is an int of C
		if first := r.text(q.pid, q.args[f.path]); first == "" || first[0] != '/' {
			return "" // of a folder that was opened, which was judged
		}
	}
	writes := true
	if f.flags >= 0 {
		writes = q.args[f.flags]&(unix.O_WRONLY|unix.O_RDWR|unix.O_CREAT|unix.O_TRUNC) != 0
	}
	return r.refuses(r.text(q.pid, q.args[f.path]), writes)
}

// text is what a process has at an address, up to a zero; "" where it cannot be read.
func (r *refusals) text(pid uint32, at uint64) string {
	memory, err := os.Open(fmt.Sprintf("/proc/%d/mem", pid))
	if err != nil {
		return ""
	}
	defer memory.Close() //nolint:errcheck // only read
	b := make([]byte, unix.PathMax)
	n, err := memory.ReadAt(b, int64(at)) //nolint:gosec // addresses of programs are positive
	if err != nil && !errors.Is(err, io.EOF) && n == 0 {
		return ""
	}
	text, _, _ := bytes.Cut(b[:n], []byte{0})
	return string(text)
}

// judging answers at a descriptor what a strict hook asks.
func judging(listener *os.File, may permitted) func(context.Context, context.CancelCauseFunc) error {
	return (&refusals{listener, may}).answerAll
}
