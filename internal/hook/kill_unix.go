//go:build !windows

package hook

import (
	"os/exec"
	"syscall"
)

// kill ends a hook and the session it leads. In a pid namespace everything ends
// with its first process.
func kill(cmd *exec.Cmd) {
	_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) //nolint:errcheck // may be gone already
	_ = cmd.Process.Kill()                              //nolint:errcheck // may be gone already
}
