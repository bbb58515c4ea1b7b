//go:build unix

package history

import (
	"errors"
	"syscall"
)

// running tells whether there is a process with the number, whoever's it is.
func running(pid int) bool {
	return !errors.Is(syscall.Kill(pid, 0), syscall.ESRCH)
}
