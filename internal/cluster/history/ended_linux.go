package history

import (
	"bytes"
	"fmt"
	"os"
)

// ended tells whether a process is known to have ended, and is still listed: its
// state in proc_pid_stat(5), behind the program's name, is Z or X.
func ended(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return false
	}
	rest := stat[bytes.LastIndexByte(stat, ')')+1:]
	return bytes.HasPrefix(rest, []byte(" Z")) || bytes.HasPrefix(rest, []byte(" X"))
}
