package hook

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// reached is an error if a file system with these bounds has no room left.
func (b bounds) reached(root *os.Root) error {
	if !isFull(root) {
		return nil
	}
	return fmt.Errorf("its copy may hold %d bytes and %d files and folders, and is full", b.bytes, b.entries)
}

// isFull reports whether the file system of a folder has no room for another byte,
// or for another file.
func isFull(dir *os.Root) bool {
	f, err := dir.Open(".")
	if err != nil {
		return false
	}
	defer func() { _ = f.Close() }() //nolint:errcheck // only read
	var st unix.Statfs_t
	if err := unix.Fstatfs(int(f.Fd()), &st); err != nil {
		return false
	}
	return st.Bfree == 0 || st.Ffree == 0
}
