package hook

import (
	"os"
	"strings"

	ll "github.com/landlock-lsm/go-landlock/landlock/syscall"
)

// offers reports whether the kernel says that it has what a level needs.
func offers(level Level) bool {
	abi, err := ll.LandlockGetABIVersion()
	landlocked := err == nil && abi >= minTruncate
	return (level == Namespaces || landlocked) && (level == Landlock || namespaced())
}

func namespaced() bool {
	limit, err := os.ReadFile("/proc/sys/user/max_user_namespaces")
	if err != nil || strings.TrimSpace(string(limit)) == "0" {
		return false
	}
	for _, forbids := range []string{
		"/proc/sys/kernel/apparmor_restrict_unprivileged_userns 1", "/proc/sys/kernel/unprivileged_userns_clone 0",
	} {
		path, value, _ := strings.Cut(forbids, " ")
		if now, err := os.ReadFile(path); err == nil && strings.TrimSpace(string(now)) == value {
			return false
		}
	}
	return true
}
