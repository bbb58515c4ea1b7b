package hook

import "golang.org/x/sys/unix"

const nativeArch = unix.AUDIT_ARCH_X86_64

func forbiddenHere() []uint32 {
	return []uint32{unix.SYS_IOPL, unix.SYS_IOPERM, unix.SYS_MODIFY_LDT, unix.SYS_KEXEC_FILE_LOAD}
}

func fileCallsHere() []fileCall {
	return []fileCall{
		{unix.SYS_OPEN, -1, 0, 1}, {unix.SYS_CREAT, -1, 0, -1}, {unix.SYS_MKDIR, -1, 0, -1}, {unix.SYS_UNLINK, -1, 0, -1},
		{unix.SYS_RMDIR, -1, 0, -1}, {unix.SYS_RENAME, -1, 1, -1}, {unix.SYS_SYMLINK, -1, 1, -1},
	}
}

func forbiddenBesideHere() []uint32 {
	return []uint32{
		unix.SYS_FORK, unix.SYS_VFORK, unix.SYS_CHMOD, unix.SYS_CHOWN, unix.SYS_LCHOWN,
		unix.SYS_UTIME, unix.SYS_UTIMES, unix.SYS_FUTIMESAT,
	}
}
