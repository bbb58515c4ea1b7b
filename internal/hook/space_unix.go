//go:build unix

package hook

import (
	"os"

	"golang.org/x/sys/unix"
)

// freeSpace is how many bytes the file system of a folder still has; ok is false
// where it does not say.
func freeSpace(dir *os.Root) (n int64, ok bool) {
	var st unix.Statfs_t
	if err := unix.Statfs(dir.Name(), &st); err != nil {
		return 0, false
	}
	return int64(st.Bfree) * int64(st.Bsize), true //nolint:unconvert // their types differ by system
}
