package history

import (
	"os"
	"strings"
)

// boot tells process tables apart: the boot of the kernel and the PID namespace,
// since containers share the first and count processes on their own.
func boot() string {
	id, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return ""
	}
	namespace, err := os.Readlink("/proc/self/ns/pid")
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(id)) + " " + namespace
}
