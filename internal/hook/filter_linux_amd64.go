package hook

import "golang.org/x/sys/unix"

const nativeArch = unix.AUDIT_ARCH_X86_64

func forbiddenHere() []uint32 {
	return []uint32{unix.SYS_IOPL, unix.SYS_IOPERM, unix.SYS_MODIFY_LDT, unix.SYS_KEXEC_FILE_LOAD}
}

func fileCallsHere() []fileCall {
	return []fileCall{
		{unix.SYS_OPEN, -1, 0, 1}, {unix.SYS_CREAT, -1, 0, noFlags}, {unix.SYS_MKDIR, -1, 0, noFlags}, {unix.SYS_UNLINK, -1, 0, noFlags},
		{unix.SYS_RMDIR, -1, 0, noFlags}, {unix.SYS_RENAME, -1, 1, noFlags}, {unix.SYS_SYMLINK, -1, 1, noFlags}, {unix.SYS_LINK, -1, 1, noFlags}, {unix.SYS_MKNOD, -1, 0, noFlags},
		{unix.SYS_STAT, -1, 0, looking}, {unix.SYS_LSTAT, -1, 0, looking},
		{unix.SYS_ACCESS, -1, 0, looking}, {unix.SYS_READLINK, -1, 0, looking},
	}
}

func forbiddenBesideHere() []uint32 {
	return []uint32{
		unix.SYS_FORK, unix.SYS_VFORK, unix.SYS_CHMOD, unix.SYS_CHOWN, unix.SYS_LCHOWN,
		unix.SYS_UTIME, unix.SYS_UTIMES, unix.SYS_FUTIMESAT,
	}
}
