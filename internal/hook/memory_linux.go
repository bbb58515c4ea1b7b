package hook

import (
	"errors"
	"fmt"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// makeMemory makes file systems that are not in any tree yet, and waits until kpm,
// to which it hands them through link, has filled them.
func makeMemory(link *os.File, wanted []memory) ([]int, error) {
	var made []int
	for _, m := range wanted {
		fd, err := m.make()
		if err != nil {
			return nil, fmt.Errorf("making a file system in memory: %w", err)
		}
		made = append(made, fd)
	}
	if err := unix.Sendmsg(orderFile, []byte{handsOver}, unix.UnixRights(made...), nil, 0); err != nil {
		return nil, fmt.Errorf("handing over what it made: %w", err)
	}
	if n, err := link.Read(make([]byte, 1)); n == 0 {
		return nil, fmt.Errorf("waiting for its copy: %w", err)
	}
	return made, nil
}

// make gives the file system, which no process but this one and its like see.
func (m memory) make() (int, error) {
	fs, err := unix.Fsopen("tmpfs", unix.FSOPEN_CLOEXEC)
	if err != nil {
		return 0, err
	}
	defer func() { _ = unix.Close(fs) }() //nolint:errcheck // what it made stays
	err = errors.Join(
		unix.FsconfigSetString(fs, "size", strconv.FormatInt(m.Bytes, 10)),
		unix.FsconfigSetString(fs, "nr_inodes", strconv.Itoa(m.Inodes)),
		unix.FsconfigSetString(fs, "mode", "0755"),
	)
	if err != nil {
		return 0, err
	}
	if err := unix.FsconfigCreate(fs); err != nil {
		return 0, err
	}
	return unix.Fsmount(fs, unix.FSMOUNT_CLOEXEC, unix.MOUNT_ATTR_NOSUID|unix.MOUNT_ATTR_NODEV)
}

// attach puts a filled file system in its place.
func (m memory) attach(made int, to string) error {
	if err := os.Mkdir(to, 0o755); err != nil {
		return err
	}
	if err := unix.MoveMount(made, "", unix.AT_FDCWD, to, unix.MOVE_MOUNT_F_EMPTY_PATH); err != nil {
		return err
	}
	if m.Write {
		return nil
	}
	return unix.MountSetattr(unix.AT_FDCWD, to, 0, &unix.MountAttr{Attr_set: unix.MOUNT_ATTR_RDONLY})
}
