package hook

import "golang.org/x/sys/unix"

const nativeArch = unix.AUDIT_ARCH_AARCH64

func forbiddenHere() []uint32 { return []uint32{unix.SYS_KEXEC_FILE_LOAD} }

func fileCallsHere() []fileCall { return nil }

func forbiddenBesideHere() []uint32 { return nil }
