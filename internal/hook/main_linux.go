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

// Files that the process has besides the hook's own three.
const (
	orderFile  = 3
	answerFile = 4
)

// Main is where the process that confines itself begins. A program that calls
// Run calls Main with its os.Args before anything else, and ends with code when
// ok is true: this is such a process, and it could not become Python.
func Main(args []string) (code int, ok bool) {
	if len(args) != 2 || args[1] != entry {
		return 0, false
	}
	runtime.LockOSThread() // capabilities, rules and filters belong to a thread
	err := become()
	_, _ = os.NewFile(answerFile, "answer").WriteString(err.Error()) //nolint:errcheck // nobody else to tell
	return 1, true
}

// become locks the process up and makes it Python. It returns only errors.
func become() error {
	// Nothing that kpm was started with goes on to the hook.
	if err := unix.CloseRange(orderFile, ^uint(0), unix.CLOSE_RANGE_CLOEXEC); err != nil {
		return fmt.Errorf("closing files: %w", err)
	}
	order := os.NewFile(orderFile, "order")
	var c cell
	if err := json.NewDecoder(order).Decode(&c); err != nil {
		return fmt.Errorf("reading orders: %w", err)
	}
	unix.Umask(0o022)
	if c.Root != "" {
		if err := c.enterRoot(); err != nil {
			return err
		}
	}
	if err := os.Chdir(c.Write); err != nil {
		return err
	}
	if err := c.dropUser(); err != nil {
		return err
	}
	return c.lock()
}

// lock takes away what is not taken yet. Nothing after it may need more than
// the hook gets.
func (c *cell) lock() error {
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("giving up new privileges: %w", err)
	}
	if c.Level != Namespaces {
		if err := c.landlock(); err != nil {
			return err
		}
	}
	filter := c.filter()
	if err := c.limit(); err != nil {
		return err
	}
	if err := install(filter); err != nil {
		return fmt.Errorf("filtering system calls: %w", err)
	}
	err := syscall.Exec(c.Python, append([]string{c.Python}, c.Args...), c.Env)
	return fmt.Errorf("starting %s: %w", c.Python, err)
}

// dropUser gives up root and every capability.
func (c *cell) dropUser() error {
	if c.User >= 0 {
		if err := syscall.Setgroups(nil); err != nil {
			return fmt.Errorf("leaving groups: %w", err)
		}
		if err := syscall.Setresgid(c.User, c.User, c.User); err != nil {
			return fmt.Errorf("changing group: %w", err)
		}
		if err := syscall.Setresuid(c.User, c.User, c.User); err != nil {
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
// holds the other end of the pipe for the answer then.
func kpmLives() error {
	fds := []unix.PollFd{{Fd: answerFile}}
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
