//go:build amd64 || arm64

package hook

import (
	"runtime"
	"slices"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Where the kernel puts what a filter sees of a system call. Of an argument it
// sees the lower half, on machines that store it first.
const (
	callNumber = 0
	callArch   = 4
	firstArg   = 16
	argSize    = 8
)

// newNamespaces are the flags of clone that make namespaces.
const newNamespaces = unix.CLONE_NEWNS | unix.CLONE_NEWCGROUP | unix.CLONE_NEWUTS | unix.CLONE_NEWIPC |
	unix.CLONE_NEWUSER | unix.CLONE_NEWPID | unix.CLONE_NEWNET

// filter is the program that judges each system call of the hook: EPERM for
// those it may not make, ENOSYS where a library then takes an older one, death
// for those of another architecture. A strict one asks kpm of what it would refuse.
func filter(level Level, strict bool) []unix.SockFilter {
	p := program{
		load(callArch),
		jump(unix.BPF_JEQ, nativeArch, 1, 0),
		verdict(unix.SECCOMP_RET_KILL_PROCESS),
		load(callNumber),
	}
	if runtime.GOARCH == "amd64" { // numbers of x32 say another thing
		p = append(p, jump(unix.BPF_JGE, 0x40000000, 0, 1), verdict(unix.SECCOMP_RET_KILL_PROCESS))
	}
	p.refuse(unix.ENOSYS, unix.SYS_CLONE3)
	if strict {
		p.askOfRefused()
	} else {
		p.refuse(unix.EPERM, forbidden()...)
	}
	if level == Landlock {
		p.refuse(unix.EPERM, forbiddenBeside()...)
		p.refuseOther(unix.SYS_PRLIMIT64, 0)
		p.refuseUnless(unix.SYS_CLONE, unix.CLONE_THREAD)
		for _, cmd := range []uint32{unix.F_SETOWN, unix.F_SETOWN_EX, unix.F_SETSIG} {
			p.refuseEqual(unix.SYS_FCNTL, 1, cmd)
		}
	} else {
		p.refuseAny(unix.SYS_CLONE, newNamespaces)
	}
	p.refuseEqual(unix.SYS_PRCTL, 0, unix.PR_SET_PDEATHSIG) // it dies with kpm
	for _, request := range []uint32{unix.TIOCSTI, unix.TIOCLINUX} {
		p.refuseEqual(unix.SYS_IOCTL, 1, request)
	}
	return append(p, verdict(unix.SECCOMP_RET_ALLOW))
}

// forbidden are system calls that no hook needs: sockets, which neither mounts
// nor Landlock keep from named ones of the host, and what would reach into the
// kernel or into other processes. Mounts name folders of the user, and the
// kernel's log speaks of the host.
func forbidden() []uint32 {
	return append([]uint32{
		unix.SYS_SOCKET, unix.SYS_IO_URING_SETUP, unix.SYS_IO_URING_ENTER, unix.SYS_IO_URING_REGISTER,
		unix.SYS_PTRACE, unix.SYS_PROCESS_VM_READV, unix.SYS_PROCESS_VM_WRITEV, unix.SYS_PROCESS_MADVISE,
		unix.SYS_PIDFD_GETFD, unix.SYS_KCMP, unix.SYS_PERF_EVENT_OPEN, unix.SYS_BPF, unix.SYS_USERFAULTFD,
		unix.SYS_ADD_KEY, unix.SYS_REQUEST_KEY, unix.SYS_KEYCTL,
		unix.SYS_MOUNT, unix.SYS_UMOUNT2, unix.SYS_PIVOT_ROOT, unix.SYS_CHROOT, unix.SYS_OPEN_TREE, unix.SYS_MOVE_MOUNT,
		openTreeAttr, unix.SYS_FSOPEN, unix.SYS_FSMOUNT, unix.SYS_FSPICK, unix.SYS_FSCONFIG, unix.SYS_MOUNT_SETATTR,
		unix.SYS_UNSHARE, unix.SYS_SETNS, unix.SYS_OPEN_BY_HANDLE_AT, unix.SYS_FANOTIFY_INIT,
		statmount, listmount, listns, unix.SYS_SYSLOG,
		unix.SYS_QUOTACTL, unix.SYS_ACCT, unix.SYS_SWAPON, unix.SYS_SWAPOFF,
		unix.SYS_INIT_MODULE, unix.SYS_FINIT_MODULE, unix.SYS_DELETE_MODULE, unix.SYS_KEXEC_LOAD, unix.SYS_REBOOT,
	}, forbiddenHere()...)
}

// forbiddenBeside are calls that a hook may make only where it is alone, with
// namespaces of its own: they act on other processes of the user, or on files
// in ways that Landlock does not see.
func forbiddenBeside() []uint32 {
	return append([]uint32{
		unix.SYS_KILL, unix.SYS_TKILL, unix.SYS_TGKILL, unix.SYS_RT_SIGQUEUEINFO, unix.SYS_RT_TGSIGQUEUEINFO,
		unix.SYS_PIDFD_SEND_SIGNAL, unix.SYS_PIDFD_OPEN,
		unix.SYS_SETPRIORITY, unix.SYS_IOPRIO_SET, unix.SYS_SCHED_SETAFFINITY, unix.SYS_SCHED_SETSCHEDULER,
		unix.SYS_SCHED_SETPARAM, unix.SYS_SCHED_SETATTR, unix.SYS_MIGRATE_PAGES, unix.SYS_MOVE_PAGES, unix.SYS_SETPGID,
		unix.SYS_SHMGET, unix.SYS_SHMAT, unix.SYS_SHMCTL, unix.SYS_MSGGET, unix.SYS_MSGSND, unix.SYS_MSGRCV, unix.SYS_MSGCTL,
		unix.SYS_SEMGET, unix.SYS_SEMOP, unix.SYS_SEMTIMEDOP, unix.SYS_SEMCTL, unix.SYS_MQ_OPEN, unix.SYS_MQ_UNLINK,
		unix.SYS_FCHMOD, unix.SYS_FCHMODAT, fchmodat2, unix.SYS_FCHOWN, unix.SYS_FCHOWNAT, unix.SYS_UTIMENSAT,
		unix.SYS_SETXATTR, unix.SYS_LSETXATTR, unix.SYS_FSETXATTR, setxattrat,
		unix.SYS_REMOVEXATTR, unix.SYS_LREMOVEXATTR, unix.SYS_FREMOVEXATTR, removexattrat, fileSetattr,
		unix.SYS_INOTIFY_ADD_WATCH,
	}, forbiddenBesideHere()...)
}

// Calls newer than some headers; their numbers are the same everywhere.
const (
	fchmodat2     = 452
	statmount     = 457
	listmount     = 458
	setxattrat    = 463
	removexattrat = 466
	openTreeAttr  = 467
	fileSetattr   = 469
	listns        = 470
)

// program is a filter while it is written. Its accumulator holds the number of
// the call between rules.
type program []unix.SockFilter

// refuse fails the calls with errno.
func (p *program) refuse(errno unix.Errno, calls ...uint32) {
	slices.Sort(calls)
	for _, call := range slices.Compact(calls) {
		*p = append(*p, jump(unix.BPF_JEQ, call, 0, 1), fail(errno))
	}
}

// refuseEqual fails a call whose argument number arg is value.
func (p *program) refuseEqual(call uint32, arg, value uint32) {
	p.refuseIf(call, arg, jump(unix.BPF_JEQ, value, 0, 1))
}

// refuseOther fails a call whose first argument is not value.
func (p *program) refuseOther(call, value uint32) {
	p.refuseIf(call, 0, jump(unix.BPF_JEQ, value, 1, 0))
}

// refuseAny fails a call whose first argument has one of the flags.
func (p *program) refuseAny(call, flags uint32) {
	p.refuseIf(call, 0, jump(unix.BPF_JSET, flags, 0, 1))
}

// refuseUnless fails a call whose first argument lacks the flag.
func (p *program) refuseUnless(call, flag uint32) {
	p.refuseIf(call, 0, jump(unix.BPF_JSET, flag, 1, 0))
}

// refuseIf fails a call where test, on its argument number arg, goes on to the
// next instruction.
func (p *program) refuseIf(call, arg uint32, test unix.SockFilter) {
	*p = append(*p,
		jump(unix.BPF_JEQ, call, 0, 4),
		load(firstArg+arg*argSize),
		test,
		fail(unix.EPERM),
		load(callNumber),
	)
}

func load(offset uint32) unix.SockFilter {
	return unix.SockFilter{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: offset}
}

func jump(test uint16, k uint32, yes, no uint8) unix.SockFilter {
	return unix.SockFilter{Code: unix.BPF_JMP | test | unix.BPF_K, Jt: yes, Jf: no, K: k}
}

func verdict(k uint32) unix.SockFilter {
	return unix.SockFilter{Code: unix.BPF_RET | unix.BPF_K, K: k}
}

func fail(errno unix.Errno) unix.SockFilter {
	return verdict(unix.SECCOMP_RET_ERRNO | uint32(errno))
}

// install makes the filter that of this thread and of all that comes from it.
func install(filter []unix.SockFilter) error {
	p := unix.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]}
	_, _, errno := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, 0, uintptr(unsafe.Pointer(&p)))
	if errno != 0 {
		return errno
	}
	return nil
}
