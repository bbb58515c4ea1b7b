//go:build unix

package home

import (
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

// checkOwner wants a file to be ours, and writable by nobody else.
func checkOwner(info fs.FileInfo) error {
	if mode := info.Mode().Perm(); mode&0o022 != 0 {
		return fmt.Errorf("%w: its mode is %#o; type `chmod go-w` on it", ErrExposed, mode)
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if me := os.Geteuid(); ok && int64(stat.Uid) != int64(me) {
		return fmt.Errorf("%w: it belongs to user %d, kpm runs as user %d", ErrExposed, stat.Uid, me)
	}
	return nil
}
