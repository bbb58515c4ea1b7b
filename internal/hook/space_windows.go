package hook

import "golang.org/x/sys/windows"

// freeSpace is how many bytes the file system of a folder still has; ok is false
// where it does not say.
func freeSpace(dir string) (n int64, ok bool) {
	name, err := windows.UTF16PtrFromString(dir)
	if err != nil {
		return 0, false
	}
	var free uint64
	if err := windows.GetDiskFreeSpaceEx(name, nil, nil, &free); err != nil {
		return 0, false
	}
	return int64(free), true
}
