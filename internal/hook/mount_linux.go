package hook

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// enterRoot makes a root that holds only the mounts and what was made in memory,
// and moves into it. It is read-only but for what of the latter may be written.
func enterRoot(c cell, made []int) error {
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("making mounts private: %w", err)
	}
	if err := unix.Mount("root", c.Root, "tmpfs", unix.MS_NOSUID|unix.MS_NODEV, "mode=0755,size=1m"); err != nil {
		return fmt.Errorf("mounting a root: %w", err)
	}
	for _, m := range c.Mounts {
		if err := below(c.Root, m); err != nil {
			return fmt.Errorf("mounting %s: %w", m.From, err)
		}
	}
	for i, m := range c.Memory {
		if err := m.attach(made[i], filepath.Join(c.Root, m.To)); err != nil {
			return fmt.Errorf("mounting %s: %w", m.To, err)
		}
	}
	if err := os.Chdir(c.Root); err != nil {
		return err
	}
	// The old root lands on top of the new one, and is taken off.
	if err := unix.PivotRoot(".", "."); err != nil {
		return fmt.Errorf("changing root: %w", err)
	}
	if err := unix.Unmount(".", unix.MNT_DETACH); err != nil {
		return fmt.Errorf("leaving the old root: %w", err)
	}
	if err := unix.MountSetattr(unix.AT_FDCWD, "/", 0, &unix.MountAttr{Attr_set: unix.MOUNT_ATTR_RDONLY}); err != nil {
		return fmt.Errorf("making the root read-only: %w", err)
	}
	if err := unix.Sethostname([]byte("kube")); err != nil {
		return fmt.Errorf("hiding the host's name: %w", err)
	}
	return os.Chdir("/")
}

// below mounts m in the new root. What the host does not have is left out, and
// so is what another mount shows already. A link stays a link.
func below(root string, m mount) error {
	info, err := os.Lstat(m.From)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	to := filepath.Join(root, m.To)
	if _, err := os.Lstat(to); err == nil {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	if info.Mode()&fs.ModeSymlink != 0 {
		return link(m, to)
	}
	if err := target(to, info); err != nil {
		return err
	}
	return bind(m, to)
}

func link(m mount, to string) error {
	target, err := os.Readlink(m.From)
	if err != nil {
		return err
	}
	return os.Symlink(target, to)
}

// target makes what is mounted over.
func target(to string, info fs.FileInfo) error {
	if info.IsDir() {
		return os.Mkdir(to, 0o755)
	}
	f, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	return f.Close()
}

func bind(m mount, to string) error {
	if err := unix.Mount(m.From, to, "", unix.MS_BIND|unix.MS_REC, ""); err != nil {
		return err
	}
	attr := &unix.MountAttr{Attr_set: unix.MOUNT_ATTR_NOSUID | unix.MOUNT_ATTR_RDONLY}
	return unix.MountSetattr(unix.AT_FDCWD, to, unix.AT_RECURSIVE, attr)
}
