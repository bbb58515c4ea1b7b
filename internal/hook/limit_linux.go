package hook

import (
	"fmt"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/kpm-sh/kpm/internal/kube"
)

// limit bounds what the hook takes of the host. Where it has no user namespace
// its processes cannot be told from the user's others, and it may have only one.
//
// The process that sets the limits is under them until it is Python, and Go
// reserves more than a gigabyte that it never touches. So memory of its own is
// limited tightly, and addresses, for the sake of shared memory, generously.
func limit(level Level) error {
	limits := map[int]uint64{
		unix.RLIMIT_CPU:      maxCPU,        // seconds, each process
		unix.RLIMIT_DATA:     1 << 30,       // bytes, each process
		unix.RLIMIT_AS:       4 << 30,       // bytes, each process
		unix.RLIMIT_FSIZE:    kube.MaxTotal, // bytes, each file
		unix.RLIMIT_NOFILE:   256,
		unix.RLIMIT_CORE:     0,
		unix.RLIMIT_MSGQUEUE: 0,
	}
	if level != Landlock {
		limits[unix.RLIMIT_NPROC] = 32 // processes and threads together
	}
	for resource, most := range limits {
		if err := lower(resource, most); err != nil {
			return fmt.Errorf("limiting resource %d: %w", resource, err)
		}
	}
	return nil
}

// lower sets a limit for good, unless it is lower already.
func lower(resource int, limit uint64) error {
	var now syscall.Rlimit
	if err := syscall.Getrlimit(resource, &now); err != nil {
		return err
	}
	limit = min(limit, now.Max)
	return syscall.Setrlimit(resource, &syscall.Rlimit{Cur: limit, Max: limit})
}
