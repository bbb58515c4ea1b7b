//go:build linux

package netns

import (
	"fmt"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// Attributes makes a command start in an empty network namespace of its own,
// where loopback is still down and the command may bring it up. The command gets
// SIGTERM when the thread that started it ends: lock the goroutine to its thread.
//
// A caller without CAP_SYS_ADMIN gets a user namespace around it, in which user
// and group keep their numbers.
func Attributes() (*syscall.SysProcAttr, error) {
	attr := &syscall.SysProcAttr{Cloneflags: unix.CLONE_NEWNET, Pdeathsig: syscall.SIGTERM}
	admin, err := capable(unix.CAP_SYS_ADMIN)
	if err != nil || admin {
		return attr, err
	}
	uid, gid := os.Geteuid(), os.Getegid()
	attr.Cloneflags |= unix.CLONE_NEWUSER
	attr.UidMappings = []syscall.SysProcIDMap{{ContainerID: uid, HostID: uid, Size: 1}}
	attr.GidMappings = []syscall.SysProcIDMap{{ContainerID: gid, HostID: gid, Size: 1}}
	attr.AmbientCaps = []uintptr{unix.CAP_NET_ADMIN}
	return attr, nil
}

func capable(capability uint) (bool, error) {
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var sets [2]unix.CapUserData
	if err := unix.Capget(&header, &sets[0]); err != nil {
		return false, fmt.Errorf("reading capabilities: %w", err)
	}
	return sets[capability/32].Effective&(1<<(capability%32)) != 0, nil
}

// DropCapabilities keeps the commands that this process will start from
// inheriting what Attributes granted it.
func DropCapabilities() error {
	_, _, errno := syscall.AllThreadsSyscall6(unix.SYS_PRCTL, unix.PR_CAP_AMBIENT, unix.PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0, 0)
	if errno != 0 {
		return fmt.Errorf("dropping ambient capabilities: %w", errno)
	}
	return nil
}
