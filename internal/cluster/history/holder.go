package history

import (
	"cmp"
	"os"
)

// Here is this process as a holder. run is a random id, user how the cluster or
// the host knows who runs it.
func Here(run, user string) Holder {
	host, _ := os.Hostname() //nolint:errcheck // "" is nobody's host
	return Holder{Run: run, User: user, Host: host, Boot: boot(), PID: os.Getpid()}
}

// String names a holder for people.
func (h Holder) String() string {
	who := cmp.Or(h.User, "somebody")
	if h.Host != "" {
		who += " on " + h.Host
	}
	return who
}

// dead tells whether h is known to be gone: a process of this very host that is
// no longer there. A number that was given to another process looks alive.
func (h Holder) dead(here Holder, running func(pid int) bool) bool {
	return h.Boot != "" && h.Boot == here.Boot && h.Host == here.Host && h.PID > 0 && !running(h.PID)
}
