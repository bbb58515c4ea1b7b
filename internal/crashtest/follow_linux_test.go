// Package crashtest_test ends a program before one of its changes of the file system, whichever
// it is: it follows its system calls (ptrace), counts those that create, write, sync,
// rename or remove files, and kills the program, as kill -9 does, when it is about to do
// the nth. Its tests do so with every change of every command of kpm and kpm-indexer that
// keeps something on disk.
//
// It works on Linux alone.
package crashtest_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// killBefore runs a command and kills it before its nth change of the file system, the first of
// which is 1; 0 is none. It says how many changes there were, and whether it was killed.
// Standard streams have to be files. Where processes may not be followed, the error is
// EPERM. No other child of this process may end meanwhile.
func killBefore(cmd *exec.Cmd, nth int) (changes int, killed bool, err error) {
	runtime.LockOSThread() // who follows is a thread
	defer runtime.UnlockOSThread()
	cmd.SysProcAttr = &syscall.SysProcAttr{Ptrace: true}
	if err := cmd.Start(); err != nil {
		return 0, false, err
	}
	f := follower{main: cmd.Process.Pid, nth: nth, known: map[int]bool{}}
	if err := f.follow(); err != nil {
		_ = syscall.Kill(f.main, syscall.SIGKILL) //nolint:errcheck // it may have ended
		return 0, false, fmt.Errorf("following %s: %w", cmd, err)
	}
	if err := cmd.Process.Release(); err != nil {
		return 0, false, err
	}
	if status := f.status; !f.killed && (status.Signaled() || status.ExitStatus() != 0) {
		return f.changes, false, fmt.Errorf("%s ended with %d (%v)", cmd, status.ExitStatus(), status.Signal())
	}
	return f.changes, f.killed, nil
}

// follower follows a process, all its threads and its children.
type follower struct {
	main    int
	nth     int
	known   map[int]bool // threads
	changes int
	killed  bool
	status  syscall.WaitStatus // of main, at its end
}

const options = unix.PTRACE_O_TRACESYSGOOD | unix.PTRACE_O_TRACECLONE | unix.PTRACE_O_TRACEFORK | unix.PTRACE_O_TRACEVFORK | unix.PTRACE_O_TRACEEXEC | unix.PTRACE_O_EXITKILL

func (f *follower) follow() error {
	var status syscall.WaitStatus
	if _, err := syscall.Wait4(f.main, &status, 0, nil); err != nil {
		return err
	}
	if err := syscall.PtraceSetOptions(f.main, options); err != nil {
		return err
	}
	f.known[f.main] = true
	if err := syscall.PtraceSyscall(f.main, 0); err != nil {
		return err
	}
	for {
		pid, err := syscall.Wait4(-1, &status, syscall.WALL, nil)
		switch {
		case errors.Is(err, syscall.EINTR):
			continue
		case err != nil:
			return err
		case status.Exited() || status.Signaled():
			if pid == f.main {
				f.status = status
				return nil
			}
			continue
		}
		if err := f.stopped(pid, status); err != nil && !errors.Is(err, syscall.ESRCH) { // it was killed meanwhile
			return err
		}
	}
}

// stopped lets a thread go on, unless it is about to do the nth change.
func (f *follower) stopped(pid int, status syscall.WaitStatus) error {
	signal := 0
	switch s := status.StopSignal(); {
	case s == syscall.SIGTRAP|0x80:
		changes, err := f.changesFiles(pid)
		if err != nil {
			return err
		}
		if changes && !f.killed {
			if f.changes++; f.changes == f.nth {
				f.killed = true
				return syscall.Kill(f.main, syscall.SIGKILL)
			}
		}
	case s == syscall.SIGSTOP && !f.known[pid]: // a thread begins
		f.known[pid] = true
	case s != syscall.SIGTRAP:
		signal = int(s)
	}
	return syscall.PtraceSyscall(pid, signal)
}

// entry is what PTRACE_GET_SYSCALL_INFO tells of a call that begins.
type entry struct {
	number uint64
	args   [6]uint64
}

// changesFiles reports whether a thread that stopped is about to change a file or the
// name of one.
func (f *follower) changesFiles(pid int) (bool, error) {
	const getSyscallInfo, begins = 0x420e, 1
	var info [88]byte
	_, _, errno := syscall.Syscall6(syscall.SYS_PTRACE, getSyscallInfo, uintptr(pid), uintptr(len(info)), uintptr(unsafe.Pointer(&info)), 0, 0)
	if errno != 0 {
		return false, errno
	}
	if info[0] != begins {
		return false, nil
	}
	e := entry{number: binary.NativeEndian.Uint64(info[24:])}
	for i := range e.args {
		e.args[i] = binary.NativeEndian.Uint64(info[32+8*i:])
	}
	switch e.number {
	case unix.SYS_OPENAT:
		return e.args[2]&(unix.O_CREAT|unix.O_TRUNC) != 0, nil
	case unix.SYS_WRITE, unix.SYS_PWRITE64, unix.SYS_WRITEV, unix.SYS_FTRUNCATE, unix.SYS_FALLOCATE, unix.SYS_FSYNC, unix.SYS_FDATASYNC, unix.SYS_FCHMOD:
		return isFile(pid, e.args[0]), nil
	case unix.SYS_SENDFILE:
		return isFile(pid, e.args[0]), nil
	case unix.SYS_COPY_FILE_RANGE, unix.SYS_SPLICE:
		return isFile(pid, e.args[2]), nil
	case unix.SYS_RENAMEAT, unix.SYS_RENAMEAT2, unix.SYS_UNLINKAT, unix.SYS_MKDIRAT, unix.SYS_LINKAT, unix.SYS_SYMLINKAT, unix.SYS_FCHMODAT, unix.SYS_UTIMENSAT, unix.SYS_TRUNCATE:
		return true, nil
	}
	return false, nil
}

// isFile reports whether a descriptor, other than a standard stream, is of a file or a
// folder.
func isFile(pid int, fd uint64) bool {
	if fd < 3 {
		return false
	}
	name, err := os.Readlink(fmt.Sprintf("/proc/%d/fd/%d", pid, fd))
	return err == nil && strings.HasPrefix(name, "/") && !strings.HasPrefix(name, "/dev/") && !strings.HasPrefix(name, "/proc/")
}
