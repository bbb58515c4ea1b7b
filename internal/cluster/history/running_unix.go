//go:build unix

package history

import (
	"errors"
	"syscall"
)

// running tells whether there is a process with the number, whoever's it is. One that
// has ended is none, though nobody may ever ask how: a container's first process
// often does not.
func running(pid int) bool {
	return !errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) && !ended(pid)
}
