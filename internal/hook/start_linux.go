package hook

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
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
	if level == Unconfined || level == Landlock {
		if _, err := s.onDisk(); err != nil {
			return nil, err
		}
	}
	if level == Unconfined {
		cmd := s.unconfined(s.copied.at)
		st.own(cmd)
		cmd.SysProcAttr.Pdeathsig = syscall.SIGKILL
		return cmd, cmd.Start()
	}
	cmd := exec.Command(s.call.Self, entry)
	cmd.Env = []string{}
	cmd.Dir = "/"
	cmd.SysProcAttr = namespaces(level)
	st.own(cmd)
	var filling error
	c := s.cell(level)
	err := enter(ctx, cmd, c, func(made []*os.Root) error {
		filling = s.fill(made)
		return filling
	}, func(f *os.File) { s.judging = judging(f, permitted{c.Write, c.Read}) })
	switch {
	case filling != nil:
		return nil, filling
	case err != nil:
		return nil, &setupError{level, err}
	}
	return cmd, nil
}

// cell is what keeps the hook to its copy at a level.
func (s *session) cell(level Level) cell {
	c := cell{Level: level, Strict: s.call.Strict, User: -1, Python: s.python.Path, Args: arguments()}
	c.Read = append(append(systemPaths(), s.python.Path), s.python.Libs...)
	at := inMemory(len(s.call.Previous) > 0)
	if level == Landlock {
		at = s.copied.at
	} else {
		s.mounts(&c, at)
	}
	if at.previous != "" {
		c.Read = append(c.Read, at.previous)
	}
	c.Write = at.kube
	c.Env = environ(s.call, at)
	return c
}

// inMemory are the places of a hook that has a root of its own. Their names say
// nothing about the user.
func inMemory(before bool) places {
	if before {
		return places{kube: "/kube", previous: "/previous"}
	}
	return places{kube: "/kube"}
}

// mounts are what a mount namespace shows.
func (s *session) mounts(c *cell, at places) {
	c.Root = s.box.root
	if os.Geteuid() == 0 {
		c.User = hookUser
	}
	for _, p := range append(c.Read, devicePaths()...) {
		c.Mounts = append(c.Mounts, mount{From: p, To: p})
	}
	c.Memory = []memory{{To: at.kube, Write: true, Bytes: s.bounds.bytes, Inodes: s.bounds.entries}}
	if at.previous != "" {
		c.Memory = append(c.Memory, memory{To: at.previous, Bytes: s.bounds.bytes, Inodes: s.bounds.entries})
	}
}

// fill writes into the file systems of a hook: its copy, and what it wrote last
// time.
func (s *session) fill(made []*os.Root) error {
	s.copied = &workspace{root: made[0], full: func() error { return s.bounds.reached(made[0]) }}
	if err := writeFiles(made[0], s.call.Kube.Files); err != nil {
		return err
	}
	if os.Geteuid() == 0 {
		if err := give(made[0], nobody); err != nil {
			return err
		}
	}
	if len(made) == 1 {
		return nil
	}
	return errors.Join(writeFiles(made[1], s.call.Previous), made[1].Close())
}

// give makes user the owner of a folder and all in it.
func give(dir *os.Root, user int) error {
	return fs.WalkDir(dir.FS(), ".", func(p string, _ os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if err := dir.Lchown(p, user, user); err != nil {
			return fmt.Errorf("giving the copy to user %d: %w", user, err)
		}
		return nil
	})
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
