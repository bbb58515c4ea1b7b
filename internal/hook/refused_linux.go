//go:build amd64 || arm64

package hook

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"slices"
	"unsafe"

	"golang.org/x/sys/unix"
)

// fileCall is a system call about a file: which of its arguments are the folder (-1 for
// none), the path and the flags.
type fileCall struct {
	call             uint32
	dir, path, flags int
}

// What stands in place of an argument with flags.
const (
	noFlags = -1 // the call writes
	inHow   = -2 // they are in a structure that the argument after the path points to
	looking = -3 // the call only asks whether a file is there, and what it is
)

func fileCalls() []fileCall {
	return append([]fileCall{
		{unix.SYS_OPENAT, 0, 1, 2}, {unix.SYS_OPENAT2, 0, 1, inHow}, {unix.SYS_MKDIRAT, 0, 1, noFlags}, {unix.SYS_UNLINKAT, 0, 1, noFlags},
		{unix.SYS_RENAMEAT2, 2, 3, noFlags}, {unix.SYS_RENAMEAT, 2, 3, noFlags}, {unix.SYS_LINKAT, 2, 3, noFlags}, {unix.SYS_MKNODAT, 0, 1, noFlags},
		{unix.SYS_SYMLINKAT, 1, 2, noFlags}, {unix.SYS_TRUNCATE, -1, 0, noFlags},
		{unix.SYS_STATX, 0, 1, looking}, {unix.SYS_NEWFSTATAT, 0, 1, looking}, {unix.SYS_FACCESSAT, 0, 1, looking}, {unix.SYS_FACCESSAT2, 0, 1, looking},
		{unix.SYS_READLINKAT, 0, 1, looking}, {unix.SYS_CHDIR, -1, 0, looking},
	}, fileCallsHere()...)
}

// socketCalls are those that say where a socket is to lead. What sendmsg says is not
// asked of: with it this process hands over where it is answered, and a socket that
// leads nowhere fails it.
func socketCalls() []uint32 {
	return []uint32{unix.SYS_CONNECT, unix.SYS_BIND, unix.SYS_SENDTO}
}

// askOfRefused asks kpm where the usual filter refuses, and of files.
func (p *program) askOfRefused() {
	calls := append(forbidden(), socketCalls()...)
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
		if q.call == unix.SYS_SOCKET && q.args[0] == unix.AF_UNIX && r.handDead(q) {
			continue
		}
		why, errno := r.judge(q)
		a := answer{id: q.id, flags: unix.SECCOMP_USER_NOTIF_FLAG_CONTINUE}
		switch {
		case why != "":
			end(errors.New(why)) // before it can go on
			a = answer{id: q.id, err: -int32(unix.EPERM)}
		case errno != 0:
			a = answer{id: q.id, err: -int32(errno)}
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

// handed is seccomp_notif_addfd of the kernel.
type handed struct {
	id                          uint64
	flags, from, to, descriptor uint32
}

// handDead answers who wants a local socket with one that leads nowhere: what it then
// connects it to says whether it was a library that wanted it. It tells whether the
// kernel could.
func (r *refusals) handDead(q asked) bool {
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return false
	}
	defer unix.Close(pair[0])                                                                                     //nolint:errcheck // the hook has its own
	unix.Close(pair[1])                                                                                           //nolint:errcheck // so that it leads nowhere
	h := handed{id: q.id, flags: unix.SECCOMP_ADDFD_FLAG_SEND, from: uint32(pair[0]), descriptor: unix.O_CLOEXEC} //nolint:gosec // a descriptor
	return r.ioctl(unix.SECCOMP_IOCTL_NOTIF_ADDFD, unsafe.Pointer(&h)) == nil
}

// socket says what a hook does with a socket that it may not, or what error it gets.
func (r *refusals) socket(q asked) (string, unix.Errno) {
	var at, size uint64 // of the address
	switch q.call {
	case unix.SYS_SOCKET:
		switch {
		case q.args[0] == unix.AF_UNIX, q.args[0] == unix.AF_NETLINK && q.args[2] == unix.NETLINK_ROUTE:
			return "", unix.EPERM // libraries ask for the list of interfaces, too
		case q.args[0] == unix.AF_NETLINK:
			return "it asks the kernel by netlink, which is for no hook", 0
		}
		return "it opens a socket, and no network is for it", 0
	case unix.SYS_CONNECT, unix.SYS_BIND:
		at, size = q.args[1], q.args[2]
	case unix.SYS_SENDTO:
		at, size = q.args[4], q.args[5]
	}
	if at == 0 {
		return "", 0
	}
	const most = 110 // of an address of AF_UNIX
	address := r.bytes(q.pid, at, most)
	clear(address[min(size, uint64(len(address))):]) // what lies behind it in memory
	if binary.NativeEndian.Uint16(address) != unix.AF_UNIX {
		return "", unix.EPERM
	}
	name, _, _ := bytes.Cut(address[2:], []byte{0})
	if len(name) == 0 { // of an abstract one the first byte is zero
		name, _, _ = bytes.Cut(address[3:], []byte{0})
		name = append([]byte{'@'}, name...)
	}
	return refusesSocket(string(name)), unix.ENOENT
}

// judge says what a hook asks for that it may not have, or what error it gets; "" and 0
// if it may.
func (r *refusals) judge(q asked) (string, unix.Errno) {
	call := uint32(q.call) //nolint:gosec // a number of a system call
	if call == unix.SYS_SOCKET || slices.Contains(socketCalls(), call) {
		return r.socket(q)
	}
	all := fileCalls()
	i := slices.IndexFunc(all, func(f fileCall) bool { return f.call == call })
	if i < 0 {
		return fmt.Sprintf("it makes the system call %d, which is for no hook", call), 0
	}
	return r.file(q, all[i]), 0
}

// file says what a hook does with a file that it may not.
func (r *refusals) file(q asked, f fileCall) string {
	if f.dir >= 0 && int32(q.args[f.dir]) != unix.AT_FDCWD { //nolint:gosec // a descriptor is an int of C
		if first := r.text(q.pid, q.args[f.path]); first == "" || first[0] != '/' {
			return "" // of a folder that was opened, which was judged
		}
	}
	what, flags := reads, uint64(0)
	switch f.flags {
	case noFlags:
		what = writes
	case looking:
		what = looks
	case inHow:
		flags = binary.NativeEndian.Uint64(r.bytes(q.pid, q.args[f.path+1], 8))
	default:
		flags = q.args[f.flags]
	}
	if flags&(unix.O_WRONLY|unix.O_RDWR|unix.O_CREAT|unix.O_TRUNC) != 0 {
		what = writes
	}
	return r.refuses(r.text(q.pid, q.args[f.path]), what)
}

// text is what a process has at an address, up to a zero; "" where it cannot be read.
func (r *refusals) text(pid uint32, at uint64) string {
	text, _, _ := bytes.Cut(r.bytes(pid, at, unix.PathMax), []byte{0})
	return string(text)
}

// bytes are what a process has at an address; zeros where it cannot be read.
func (r *refusals) bytes(pid uint32, at uint64, size int) []byte {
	b := make([]byte, size)
	memory, err := os.Open(fmt.Sprintf("/proc/%d/mem", pid))
	if err != nil {
		return b
	}
	defer memory.Close()               //nolint:errcheck // only read
	_, _ = memory.ReadAt(b, int64(at)) //nolint:errcheck,gosec // what is not there stays zero; addresses of programs are positive
	return b
}

// judging answers at a descriptor what a strict hook asks.
func judging(listener *os.File, may permitted) func(context.Context, context.CancelCauseFunc) error {
	return (&refusals{listener, may}).answerAll
}
