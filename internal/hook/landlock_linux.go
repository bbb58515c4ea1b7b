package hook

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	ll "github.com/landlock-lsm/go-landlock/landlock/syscall"
	"golang.org/x/sys/unix"
)

// minTruncate is the ABI from which Landlock keeps files elsewhere from being
// cut.
const minTruncate = 3

// What a rule can allow of a file, and of a folder for all in it.
const (
	readFile  = ll.AccessFSExecute | ll.AccessFSReadFile
	readDir   = readFile | ll.AccessFSReadDir
	writeFile = readFile | ll.AccessFSWriteFile | ll.AccessFSTruncate
	writeDir  = readDir | writeFile | ll.AccessFSRemoveDir | ll.AccessFSRemoveFile | ll.AccessFSMakeDir |
		ll.AccessFSMakeReg | ll.AccessFSMakeSock | ll.AccessFSMakeFifo | ll.AccessFSMakeSym | ll.AccessFSRefer
	device = ll.AccessFSReadFile | ll.AccessFSWriteFile | ll.AccessFSTruncate | ll.AccessFSIoctlDev
)

// handled is all that Landlock can deny at an ABI; what no rule allows is denied.
func handled(abi int) ll.RulesetAttr {
	var all ll.RulesetAttr
	for _, since := range []struct {
		abi             int
		fs, net, scopes uint64
	}{
		{abi: 1, fs: ll.AccessFSMakeSym<<1 - 1},
		{abi: 2, fs: ll.AccessFSRefer},
		{abi: minTruncate, fs: ll.AccessFSTruncate},
		{abi: 4, net: ll.AccessNetBindTCP | ll.AccessNetConnectTCP},
		{abi: 5, fs: ll.AccessFSIoctlDev},
		{abi: 6, scopes: ll.ScopeAbstractUnixSocket | ll.ScopeSignal},
		{abi: 9, fs: ll.AccessFSResolveUnix},
		{abi: 10, net: ll.AccessNetBindUDP | ll.AccessNetConnectSendUDP},
	} {
		if abi >= since.abi {
			all.HandledAccessFS |= since.fs
			all.HandledAccessNet |= since.net
			all.Scoped |= since.scopes
		}
	}
	return all
}

// landlock leaves this thread, and what it becomes, its own folder and what it
// has to read. Other threads of the process end with the exec.
func landlock(c cell) error {
	abi, err := ll.LandlockGetABIVersion()
	if err != nil || abi == 0 {
		return errors.New("the kernel has no Landlock")
	}
	if c.Level == Landlock && abi < minTruncate {
		return fmt.Errorf("the kernel's Landlock has ABI %d, and without namespaces at least %d is needed", abi, minTruncate)
	}
	r, err := newRuleset(handled(abi))
	if err != nil {
		return fmt.Errorf("asking for Landlock: %w", err)
	}
	defer func() { _ = unix.Close(r.fd) }() //nolint:errcheck // the thread keeps the rules
	if err := r.allowAll(c); err != nil {
		return fmt.Errorf("telling Landlock: %w", err)
	}
	if err := ll.LandlockRestrictSelf(r.fd, 0); err != nil {
		return fmt.Errorf("entering Landlock: %w", err)
	}
	return nil
}

// ruleset is what Landlock will allow.
type ruleset struct {
	fd  int
	can uint64 // what of files it handles
}

func newRuleset(attr ll.RulesetAttr) (ruleset, error) {
	fd, err := ll.LandlockCreateRuleset(&attr, 0)
	return ruleset{fd, attr.HandledAccessFS}, err
}

func (r ruleset) allowAll(c cell) error {
	if err := r.allow(c.Write, writeFile, writeDir); err != nil {
		return err
	}
	for _, p := range devicePaths() {
		if err := r.allow(p, device, 0); err != nil {
			return err
		}
	}
	for _, p := range c.Read {
		if err := r.allow(p, readFile, readDir); err != nil {
			return err
		}
	}
	return nil
}

// allow allows one thing at p if it is a file, another if it is a folder, and
// nothing if it is not there.
func (r ruleset) allow(p string, file, folder uint64) error {
	info, err := os.Stat(p)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if info.IsDir() {
		file = folder
	}
	fd, err := unix.Open(p, unix.O_PATH|unix.O_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer func() { _ = unix.Close(fd) }() //nolint:errcheck // only names the place
	return ll.LandlockAddPathBeneathRule(r.fd, &ll.PathBeneathAttr{AllowedAccess: file & r.can, ParentFd: fd}, 0)
}
