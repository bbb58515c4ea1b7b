//go:build !windows

package hook

import (
	"os/exec"
	"syscall"
	"time"
)

// kill ends a hook and the session it leads. In a pid namespace everything ends
// with its first process.
func kill(cmd *exec.Cmd) {
	_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) //nolint:errcheck // may be gone already
	_ = cmd.Process.Kill()                              //nolint:errcheck // may be gone already
}

// endGroup ends what a hook that has ended left running in its process group, and waits
// until it is gone: a process that is killed may still finish making a file. No process
// can be waited for that is not a child, so the group is asked for again and again, for
// drainFor at most: where nobody reaps what has ended, the group stays.
func endGroup(cmd *exec.Cmd) {
	for end := time.Now().Add(drainFor); time.Now().Before(end); time.Sleep(time.Millisecond) {
		if syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) != nil {
			return // gone, or another user's
		}
	}
}
