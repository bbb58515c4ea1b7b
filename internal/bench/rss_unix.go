//go:build unix

package main

import (
	"os"
	"runtime"
	"syscall"
)

// maxRSS is the peak memory of a finished process in bytes. Linux tells KiB,
// macOS bytes.
func maxRSS(s *os.ProcessState) int64 {
	u, ok := s.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0
	}
	if runtime.GOOS == "darwin" {
		return int64(u.Maxrss) //nolint:unconvert // 32 bits on some systems
	}
	return int64(u.Maxrss) << 10 //nolint:unconvert // 32 bits on some systems
}
