package hook

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"runtime"
	"syscall"

	"golang.org/x/sys/unix"
)

// entry is the argument with which kpm starts itself to run a hook.
const entry = "run-hook-confined"

// orderFile is what the process has besides the hook's own three: the socket on
// which it gets its orders, hands over what it made, and says what it cannot do.
const orderFile = 3

// handsOver is the message with which it hands over file systems.
const handsOver = 0

// listens is the message with which it hands over where its filter's questions are
// answered.
const listens = 1

// Main is where the process that confines itself begins. A program that calls
// Run calls Main with its os.Args before anything else, and ends with code when
// ok is true: this is such a process, and it could not become Python.
func Main(args []string) (code int, ok bool) {
	if len(args) != 2 || args[1] != entry {
		return 0, false
	}
	runtime.LockOSThread() // capabilities, rules and filters belong to a thread
	link := os.NewFile(orderFile, "kpm")
	err := become(link)
	_, _ = link.WriteString(err.Error()) //nolint:errcheck // nobody else to tell
	return 1, true
}

// become locks the process up and makes it Python. It returns only errors. Its caller
// holds link until then: the collector closes a file that nobody holds, and a descriptor
// that is closed says that kpm is dead.
func become(link *os.File) error {
	// Nothing that kpm was started with goes on to the hook.
	if err := unix.CloseRange(orderFile, ^uint(0), unix.CLOSE_RANGE_CLOEXEC); err != nil {
		return fmt.Errorf("closing files: %w", err)
	}
	var c cell
	if err := json.NewDecoder(link).Decode(&c); err != nil {
		return fmt.Errorf("reading orders: %w", err)
	}
	unix.Umask(0o022)
	if c.Root != "" {
		made, err := makeMemory(link, c.Memory)
		if err != nil {
			return err
		}
		if err := enterRoot(c, made); err != nil {
			return err
		}
	}
	if err := os.Chdir(c.Write); err != nil {
		return err
	}
	if err := dropUser(c.User); err != nil {
		return err
	}
	return lock(c)
}

// lock takes away what is not taken yet. Nothing after it may need more than
// the hook gets.
func lock(c cell) error {
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("giving up new privileges: %w", err)
	}
	if c.Level != Namespaces {
		if err := landlock(c); err != nil {
			return err
		}
	}
	rules := filter(c.Level, c.Strict)
	if err := limit(c.Level); err != nil {
		return err
	}
	apply := install
	if c.Strict {
		apply = installAsking
	}
	if err := apply(rules); err != nil {
		return fmt.Errorf("filtering system calls: %w", err)
	}
	err := syscall.Exec(c.Python, append([]string{c.Python}, c.Args...), c.Env)
	return fmt.Errorf("starting %s: %w", c.Python, err)
}

// dropUser gives up root and every capability.
func dropUser(user int) error {
	if user >= 0 {
		if err := syscall.Setgroups(nil); err != nil {
			return fmt.Errorf("leaving groups: %w", err)
		}
		if err := syscall.Setresgid(user, user, user); err != nil {
			return fmt.Errorf("changing group: %w", err)
		}
		if err := syscall.Setresuid(user, user, user); err != nil {
			return fmt.Errorf("changing user: %w", err)
		}
	}
	// The kernel reads two records: capabilities above 31 are in the second.
	none := [2]unix.CapUserData{}
	if err := unix.Capset(&unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}, &none[0]); err != nil {
		return fmt.Errorf("dropping capabilities: %w", err)
	}
	// An exec would lose the signal's setting with a change of user.
	if err := unix.Prctl(unix.PR_SET_PDEATHSIG, uintptr(unix.SIGKILL), 0, 0, 0); err != nil {
		return fmt.Errorf("tying it to kpm: %w", err)
	}
	return kpmLives()
}

// kpmLives refuses to go on if kpm died before its death was a signal: nobody
// holds the other end of its socket then.
func kpmLives() error {
	fds := []unix.PollFd{{Fd: orderFile}}
	for {
		n, err := unix.Poll(fds, 0)
		switch {
		case errors.Is(err, unix.EINTR):
			continue
		case err != nil:
			return fmt.Errorf("looking for kpm: %w", err)
		case n > 0:
			return errors.New("kpm is dead")
		}
		return nil
	}
}
