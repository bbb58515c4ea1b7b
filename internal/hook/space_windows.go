package hook

import (
	"os"

	"golang.org/x/sys/windows"
)

// freeSpace is how many bytes the file system of a folder still has; ok is false
// where it does not say.
func freeSpace(dir *os.Root) (n int64, ok bool) {
	name, err := windows.UTF16PtrFromString(dir.Name())
	if err != nil {
		return 0, false
	}
	var free uint64
	if err := windows.GetDiskFreeSpaceEx(name, nil, nil, &free); err != nil {
		return 0, false
	}
	return int64(free), true
}
