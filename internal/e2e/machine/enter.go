//go:build linux

package machine

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/kpm-sh/kpm/internal/e2e/netns"
)

// Attributes makes a command start on a machine of its own, which it has to
// Furnish. As with netns.Attributes, it gets SIGTERM when the thread that started
// it ends.
func Attributes() (*syscall.SysProcAttr, error) {
	if os.Geteuid() != 0 {
		return nil, errors.New("a node needs root")
	}
	attr, err := netns.Attributes()
	if err != nil {
		return nil, err
	}
	attr.Cloneflags |= unix.CLONE_NEWPID | unix.CLONE_NEWNS | unix.CLONE_NEWIPC
	return attr, nil
}

// sysctls are what a kubelet sets for the whole machine, unless it is set.
var sysctls = map[string]string{
	"vm/overcommit_memory":     "1",
	"vm/panic_on_oom":          "0",
	"kernel/panic":             "10",
	"kernel/panic_on_oops":     "1",
	"kernel/keys/root_maxkeys": "1000000", "kernel/keys/root_maxbytes": "25000000",
}

// Furnish makes the mounts of the machine that the process was started on.
func Furnish() error {
	if os.Getpid() != 1 {
		return errors.New("furnishing a machine that others use")
	}
	const upper, work, settings = "/run/var", "/run/var.work", "/run/sysctl"
	for _, m := range []struct {
		source, target, fstype string
		flags                  uintptr
		data                   string
	}{
		{"", "/", "", unix.MS_REC | unix.MS_PRIVATE, ""},
		{"proc", "/proc", "proc", unix.MS_NOSUID | unix.MS_NODEV | unix.MS_NOEXEC, ""},
		{"tmpfs", "/run", "tmpfs", unix.MS_NOSUID | unix.MS_NODEV, "mode=755"},
		{"overlay", "/var", "overlay", 0, "lowerdir=/var,upperdir=" + upper + ",workdir=" + work},
	} {
		if m.fstype == "overlay" {
			if err := errors.Join(os.Mkdir(upper, 0o755), os.Mkdir(work, 0o755)); err != nil {
				return err
			}
		}
		if err := unix.Mount(m.source, m.target, m.fstype, m.flags, m.data); err != nil {
			return fmt.Errorf("mounting %s: %w", m.target, err)
		}
	}
	for name, value := range sysctls {
		if err := pretend(filepath.Join("/proc/sys", name), filepath.Join(settings, name), value); err != nil {
			return err
		}
	}
	return nil
}

// pretend shows value in the place of a sysctl, to those on this machine.
func pretend(sysctl, file, value string) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(file, []byte(value+"\n"), 0o644); err != nil {
		return err
	}
	if err := unix.Mount(file, sysctl, "", unix.MS_BIND, ""); err != nil {
		return fmt.Errorf("covering %s: %w", sysctl, err)
	}
	return nil
}
