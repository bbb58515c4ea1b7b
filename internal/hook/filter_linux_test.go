//go:build amd64 || arm64

package hook

import (
	"runtime"
	"testing"

	"golang.org/x/sys/unix"
)

// judge is what the kernel does with a system call under a filter, for the
// instructions that filters here have.
func judge(t *testing.T, filter []unix.SockFilter, arch, call uint32, args ...uint32) uint32 {
	t.Helper()
	seen := map[uint32]uint32{0: call, 4: arch}
	for i, arg := range args {
		seen[16+8*uint32(i)] = arg
	}
	var a uint32
	for at := 0; at < len(filter); at++ {
		in := filter[at]
		yes := false
		switch in.Code {
		case unix.BPF_LD | unix.BPF_W | unix.BPF_ABS:
			a = seen[in.K]
			continue
		case unix.BPF_RET | unix.BPF_K:
			return in.K
		case unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K:
			yes = a == in.K
		case unix.BPF_JMP | unix.BPF_JGE | unix.BPF_K:
			yes = a >= in.K
		case unix.BPF_JMP | unix.BPF_JSET | unix.BPF_K:
			yes = a&in.K != 0
		default:
			t.Fatalf("instruction %d is %+v", at, in)
		}
		if yes {
			at += int(in.Jt)
		} else {
			at += int(in.Jf)
		}
	}
	t.Fatal("the filter has no end")
	return 0
}

const (
	pass   = unix.SECCOMP_RET_ALLOW
	death  = unix.SECCOMP_RET_KILL_PROCESS
	eperm  = unix.SECCOMP_RET_ERRNO | uint32(unix.EPERM)
	enosys = unix.SECCOMP_RET_ERRNO | uint32(unix.ENOSYS)
)

// never, and neverAlone, are written out here a second time: what falls out of
// the lists of the filter is missed.
var never = []uint32{
	unix.SYS_SOCKET, unix.SYS_IO_URING_SETUP, unix.SYS_IO_URING_ENTER, unix.SYS_IO_URING_REGISTER,
	unix.SYS_PTRACE, unix.SYS_PROCESS_VM_READV, unix.SYS_PROCESS_VM_WRITEV, unix.SYS_PROCESS_MADVISE, unix.SYS_PIDFD_GETFD, unix.SYS_KCMP,
	unix.SYS_PERF_EVENT_OPEN, unix.SYS_BPF, unix.SYS_USERFAULTFD, unix.SYS_ADD_KEY, unix.SYS_REQUEST_KEY, unix.SYS_KEYCTL,
	unix.SYS_MOUNT, unix.SYS_UMOUNT2, unix.SYS_PIVOT_ROOT, unix.SYS_CHROOT, unix.SYS_OPEN_TREE, unix.SYS_MOVE_MOUNT,
	unix.SYS_FSOPEN, unix.SYS_FSMOUNT, unix.SYS_FSPICK, unix.SYS_FSCONFIG, unix.SYS_MOUNT_SETATTR,
	unix.SYS_UNSHARE, unix.SYS_SETNS, unix.SYS_OPEN_BY_HANDLE_AT, unix.SYS_FANOTIFY_INIT,
	unix.SYS_QUOTACTL, unix.SYS_ACCT, unix.SYS_SWAPON, unix.SYS_SWAPOFF, unix.SYS_SYSLOG,
	unix.SYS_INIT_MODULE, unix.SYS_FINIT_MODULE, unix.SYS_DELETE_MODULE, unix.SYS_KEXEC_LOAD, unix.SYS_KEXEC_FILE_LOAD, unix.SYS_REBOOT,
	457, 458, 467, 470, // statmount, listmount, open_tree_attr, listns
}

var neverAlone = []uint32{
	unix.SYS_KILL, unix.SYS_TKILL, unix.SYS_TGKILL, unix.SYS_RT_SIGQUEUEINFO, unix.SYS_RT_TGSIGQUEUEINFO, unix.SYS_PIDFD_SEND_SIGNAL, unix.SYS_PIDFD_OPEN,
	unix.SYS_SETPRIORITY, unix.SYS_IOPRIO_SET, unix.SYS_SCHED_SETAFFINITY, unix.SYS_SCHED_SETSCHEDULER, unix.SYS_SCHED_SETPARAM, unix.SYS_SCHED_SETATTR,
	unix.SYS_MIGRATE_PAGES, unix.SYS_MOVE_PAGES, unix.SYS_SETPGID,
	unix.SYS_SHMGET, unix.SYS_SHMAT, unix.SYS_SHMCTL, unix.SYS_MSGGET, unix.SYS_MSGSND, unix.SYS_MSGRCV, unix.SYS_MSGCTL,
	unix.SYS_SEMGET, unix.SYS_SEMOP, unix.SYS_SEMTIMEDOP, unix.SYS_SEMCTL, unix.SYS_MQ_OPEN, unix.SYS_MQ_UNLINK,
	unix.SYS_FCHMOD, unix.SYS_FCHMODAT, 452, unix.SYS_FCHOWN, unix.SYS_FCHOWNAT, unix.SYS_UTIMENSAT,
	unix.SYS_SETXATTR, unix.SYS_LSETXATTR, unix.SYS_FSETXATTR, 463, unix.SYS_REMOVEXATTR, unix.SYS_LREMOVEXATTR, unix.SYS_FREMOVEXATTR, 466, 469,
	unix.SYS_INOTIFY_ADD_WATCH,
}

// hereOnly are the numbers that only one architecture has.
var hereOnly = map[string][2][]uint32{
	// iopl, ioperm, modify_ldt; fork, vfork, chmod, chown, lchown, utime, utimes, futimesat
	"amd64": {{172, 173, 154}, {57, 58, 90, 92, 94, 132, 235, 261}},
}

func TestFilter(t *testing.T) {
	arch := map[string]uint32{"amd64": unix.AUDIT_ARCH_X86_64, "arm64": unix.AUDIT_ARCH_AARCH64}[runtime.GOARCH]
	here := hereOnly[runtime.GOARCH]
	for _, level := range levels() {
		rules := filter(level, false)
		alone := level == Landlock
		is := func(want uint32, what string, call uint32, args ...uint32) {
			t.Helper()
			if got := judge(t, rules, arch, call, args...); got != want {
				t.Errorf("%s: %s (call %d %v): got %#x, want %#x", level, what, call, args, got, want)
			}
		}
		either := func(refused bool, what string, call uint32, args ...uint32) {
			t.Helper()
			if refused {
				is(eperm, what, call, args...)
			} else {
				is(pass, what, call, args...)
			}
		}
		for _, call := range append(never, here[0]...) {
			is(eperm, "never", call)
		}
		for _, call := range append(neverAlone, here[1]...) {
			either(alone, "beside others", call)
		}
		is(enosys, "clone3", unix.SYS_CLONE3)
		is(pass, "read", unix.SYS_READ)
		is(pass, "exec", unix.SYS_EXECVE)
		is(eperm, "forget kpm's death", unix.SYS_PRCTL, unix.PR_SET_PDEATHSIG)
		is(pass, "name itself", unix.SYS_PRCTL, unix.PR_SET_NAME)
		is(pass, "a thread", unix.SYS_CLONE, unix.CLONE_THREAD|unix.CLONE_VM)
		either(alone, "a process", unix.SYS_CLONE, uint32(unix.SIGCHLD))
		for _, space := range []uint32{
			unix.CLONE_NEWNS, unix.CLONE_NEWCGROUP, unix.CLONE_NEWUTS, unix.CLONE_NEWIPC, unix.CLONE_NEWUSER, unix.CLONE_NEWPID, unix.CLONE_NEWNET,
		} {
			is(eperm, "a namespace", unix.SYS_CLONE, space|uint32(unix.SIGCHLD))
		}
		either(alone, "limits of another", unix.SYS_PRLIMIT64, 17)
		is(pass, "limits of its own", unix.SYS_PRLIMIT64, 0)
		for _, cmd := range []uint32{unix.F_SETOWN, unix.F_SETOWN_EX, unix.F_SETSIG} {
			either(alone, "signals of a file", unix.SYS_FCNTL, 5, cmd)
		}
		is(pass, "flags of a file", unix.SYS_FCNTL, 5, unix.F_GETFL)
		is(eperm, "typing", unix.SYS_IOCTL, 0, unix.TIOCSTI)
		is(eperm, "the console", unix.SYS_IOCTL, 0, unix.TIOCLINUX)
		is(pass, "its terminal", unix.SYS_IOCTL, 0, unix.TCGETS)
		for _, other := range []uint32{unix.AUDIT_ARCH_I386, unix.AUDIT_ARCH_ARM, unix.AUDIT_ARCH_AARCH64, unix.AUDIT_ARCH_X86_64} {
			if got := judge(t, rules, other, unix.SYS_READ); other != arch && got != death {
				t.Errorf("%s: architecture %#x: got %#x", level, other, got)
			}
		}
		if runtime.GOARCH == "amd64" {
			for _, x32 := range []uint32{0x40000000, 0x40000000 | unix.SYS_SOCKET, 0x7fffffff} {
				is(death, "x32", x32)
			}
		}
	}
}
