//go:build unix

package fetch

import "golang.org/x/sys/unix"

// nonblock opens a FIFO without waiting for somebody at its other end.
const nonblock = unix.O_NONBLOCK
