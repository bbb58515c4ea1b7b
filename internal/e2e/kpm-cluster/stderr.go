//go:build linux

package main

import (
	"fmt"
	"os"
	"runtime/debug"

	"golang.org/x/sys/unix"
)

// divert sends standard error to the file log, until restore is called: some
// parts of Kubernetes write to it whatever they are told. Crashes, and original,
// still go where standard error went.
func divert(log string) (original *os.File, restore func() error, err error) {
	fd, err := unix.FcntlInt(uintptr(unix.Stderr), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return nil, nil, fmt.Errorf("keeping standard error: %w", err)
	}
	original = os.NewFile(uintptr(fd), "stderr")
	if err := debug.SetCrashOutput(original, debug.CrashOptions{}); err != nil {
		return nil, nil, fmt.Errorf("keeping crashes on standard error: %w", err)
	}
	f, err := os.OpenFile(log, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, nil, err
	}
	defer f.Close() //nolint:errcheck // nothing was written through it
	if err := unix.Dup2(int(f.Fd()), unix.Stderr); err != nil {
		return nil, nil, fmt.Errorf("diverting standard error: %w", err)
	}
	return original, func() error { return unix.Dup2(fd, unix.Stderr) }, nil
}
