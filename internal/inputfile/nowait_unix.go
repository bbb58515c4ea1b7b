//go:build unix

package inputfile

import "syscall"

// noWait has a pipe opened at once, whether somebody writes to it or not.
const noWait = syscall.O_NONBLOCK
