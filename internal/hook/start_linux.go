package hook

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"

	"golang.org/x/sys/unix"
)

// nobody is the user on the host that a hook of root runs as, and hookUser is
// what the hook itself sees. Limits on processes do not count for root.
const (
	nobody   = 65534
	hookUser = 1000
)

// levels are those that this system may offer, best first. Without the filter
// for system calls there is none.
func levels() []Level {
	if nativeArch == 0 {
		return nil
	}
	return []Level{Full, Namespaces, Landlock}
}

// start starts the hook, and returns once it is confined.
func (s *session) start(ctx context.Context, level Level, st *stream) (*exec.Cmd, error) {
	if level == Unconfined {
		cmd := s.unconfined()
		st.own(cmd)
		cmd.SysProcAttr.Pdeathsig = syscall.SIGKILL
		return cmd, cmd.Start()
	}
	cell, err := s.cell(level)
	if err != nil {
		return nil, &setupError{level, err}
	}
	cmd := exec.Command(s.call.Self, entry)
	cmd.Env = []string{}
	cmd.Dir = "/"
	cmd.SysProcAttr = namespaces(level)
	st.own(cmd)
	if err := enter(ctx, cmd, cell); err != nil {
		return nil, &setupError{level, err}
	}
	return cmd, nil
}

// namespaces are the attributes of the process that confines itself.
func namespaces(level Level) *syscall.SysProcAttr {
	attr := &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if level == Landlock {
		return attr
	}
	attr.Cloneflags = syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS | syscall.CLONE_NEWPID | syscall.CLONE_NEWNET |
		syscall.CLONE_NEWIPC | syscall.CLONE_NEWUTS
	if os.Geteuid() == 0 {
		ids := []syscall.SysProcIDMap{{ContainerID: 0, HostID: 0, Size: 1}, {ContainerID: hookUser, HostID: nobody, Size: 1}}
		attr.UidMappings, attr.GidMappings, attr.GidMappingsEnableSetgroups = ids, ids, true
		return attr
	}
	attr.UidMappings = []syscall.SysProcIDMap{{ContainerID: os.Geteuid(), HostID: os.Geteuid(), Size: 1}}
	attr.GidMappings = []syscall.SysProcIDMap{{ContainerID: os.Getegid(), HostID: os.Getegid(), Size: 1}}
	attr.AmbientCaps = []uintptr{unix.CAP_SYS_ADMIN} // kept over the exec, for the mounts
	return attr
}

// enter starts cmd, hands it the cell to lock itself up in, and waits until it
// has become Python. If it cannot, it says why and is dead.
func enter(ctx context.Context, cmd *exec.Cmd, c cell) error {
	text, err := json.Marshal(c)
	if err != nil {
		return err
	}
	order, orders, err := os.Pipe()
	if err != nil {
		return err
	}
	answers, answer, err := os.Pipe()
	if err != nil {
		return errors.Join(err, order.Close(), orders.Close())
	}
	defer func() { _ = answers.Close() }() //nolint:errcheck // only read
	cmd.ExtraFiles = []*os.File{order, answer}
	err = cmd.Start()
	_, _ = order.Close(), answer.Close() //nolint:errcheck // the process has its own
	if err != nil {
		return errors.Join(err, orders.Close())
	}
	stop := context.AfterFunc(ctx, func() { kill(cmd) })
	defer stop()
	_, sending := orders.Write(text)
	_ = orders.Close() //nolint:errcheck // a pipe has nothing to flush
	failure, err := io.ReadAll(io.LimitReader(answers, 4<<10))
	if len(failure) > 0 {
		err = errors.New(string(failure))
	}
	if err := errors.Join(sending, err); err != nil {
		kill(cmd)
		_ = cmd.Wait() //nolint:errcheck // killed
		return err
	}
	return nil
}

// cell is all that the process which confines itself is told.
type cell struct {
	Level  Level
	Root   string  // where the mount namespace gets its root; "" for none
	Mounts []mount // below Root
	User   int     // user and group to become; -1 for none
	Read   []string
	Write  string // folder
	Python string
	Args   []string
	Env    []string
}

// systemPaths are what a program needs of Linux: its libraries, the clock.
func systemPaths() []string {
	return []string{
		"/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/nix/store", "/gnu/store",
		"/etc/ld.so.cache", "/etc/alternatives", "/etc/localtime",
	}
}

// devicePaths are the devices of a hook. /dev/tty is its own terminal.
func devicePaths() []string {
	return []string{"/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty"}
}

func (s *session) cell(level Level) (cell, error) {
	at := places{kube: s.box.kube, previous: s.box.previous}
	c := cell{Level: level, User: -1, Python: s.python.Path, Args: arguments()}
	c.Read = append(append(systemPaths(), s.python.Path), s.python.Libs...)
	if level != Landlock {
		at = s.mounts(&c)
		if os.Geteuid() == 0 {
			c.User = hookUser
			if err := give(s.box.kube, nobody); err != nil {
				return cell{}, err
			}
		}
	} else if err := give(s.box.kube, os.Geteuid()); err != nil {
		return cell{}, err
	}
	if at.previous != "" {
		c.Read = append(c.Read, at.previous)
	}
	c.Write = at.kube
	c.Env = s.environ(at)
	return c, nil
}

// mounts are what a mount namespace shows. A hook finds its folders under names
// that say nothing about the user.
func (s *session) mounts(c *cell) places {
	at := places{kube: "/kube"}
	c.Root = s.box.root
	for _, p := range append(c.Read, devicePaths()...) {
		c.Mounts = append(c.Mounts, mount{From: p, To: p})
	}
	if s.box.previous != "" {
		at.previous = "/previous"
		c.Mounts = append(c.Mounts, mount{From: s.box.previous, To: at.previous})
	}
	c.Mounts = append(c.Mounts, mount{From: s.box.kube, To: at.kube, Write: true})
	return at
}

// give makes user the owner of a folder and all in it.
func give(dir string, user int) error {
	if os.Geteuid() != 0 {
		return nil
	}
	return filepath.WalkDir(dir, func(p string, _ os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if err := os.Lchown(p, user, user); err != nil {
			return fmt.Errorf("giving the copy to user %d: %w", user, err)
		}
		return nil
	})
}
