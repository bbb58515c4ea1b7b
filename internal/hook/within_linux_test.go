package hook

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
)

// TestWithin asks a hook with a root of its own who it is, and what it may: nothing
// but its copy can be written, and it has no capability, group or name of the host.
func TestWithin(t *testing.T) {
	t.Parallel()
	user, groups := os.Geteuid(), ""
	if user == 0 {
		user, groups = hookUser, "[]"
	}
	for _, level := range ownRoots() {
		has(t, level)
		c, out := call(t, `
import ctypes, os, struct
head, data = ctypes.create_string_buffer(struct.pack("Ii", 0x20080522, 0)), ctypes.create_string_buffer(24)
print("capabilities", ctypes.CDLL(None).capget(head, data), sum(data.raw), *[ctypes.CDLL(None).prctl(47, 1, n, 0, 0) for n in (7, 21)])
print("name", os.uname().nodename)
print("users", *os.getresuid(), "groups", *os.getresgid(), os.getgroups())
for at in "/", "/usr", os.path.dirname(os.__file__), "/dev/null", "/kube":
    flags = os.statvfs(at).f_flag
    print("dev" if at == "/dev/null" else at if at in ("/", "/usr", "/kube") else "python", bool(flags & os.ST_RDONLY), bool(flags & os.ST_NOSUID))
`)
		_, err := run(t.Context(), c, []Level{level})
		check(t, err)
		want := fmt.Sprintf("capabilities 0 0 0 0\nname kube\nusers %d %d %d groups %d %d %d %s", user, user, user, user, user, user, groups)
		got := strings.ReplaceAll(out.String(), "pony | ", "")
		if !strings.HasPrefix(got, want) {
			t.Errorf("%s: got\n%swant\n%s", level, got, want)
		}
		if want := "/ True True\n/usr True True\npython True True\ndev True True\n/kube False True\n"; !strings.HasSuffix(got, want) {
			t.Errorf("%s: got\n%swant\n%s", level, got, want)
		}
	}
}

// TestLeavesGroups runs it as root with groups besides root's own.
func TestLeavesGroups(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("only root can leave groups")
	}
	self, err := os.Executable()
	check(t, err)
	cmd := exec.CommandContext(t.Context(), self, "-test.run", "^TestWithin$")
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Groups: []uint32{0, 4, 27}}}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// TestNamespaces has the flags of linux/sched.h: some of them guard what the filter
// refuses as well, and none may fall out.
func TestNamespaces(t *testing.T) {
	for _, level := range levels() {
		want := uintptr(0x00020000 | 0x04000000 | 0x08000000 | 0x10000000 | 0x20000000 | 0x40000000)
		if level == Landlock {
			want = 0
		}
		if got := namespaces(level); got.Cloneflags != want || got.Pdeathsig != syscall.SIGKILL {
			t.Errorf("%s: got %#x and signal %v, want %#x", level, got.Cloneflags, got.Pdeathsig, want)
		}
	}
}

// TestEndsItsSession leaves processes behind that stay in the session of a hook which
// nothing confines, and go on making files in its copy: none is left when it returns.
func TestEndsItsSession(t *testing.T) {
	t.Parallel()
	mark := fmt.Sprintf("kpm-hook-survivor-%d-session", os.Getpid())
	c, out := call(t, strings.ReplaceAll(`
import os, subprocess, sys
code = """
import os, sys, time
busy = [os.fork() for _ in range(5)]
print("up", flush=True)
n = 0
while True:
    open(f"{os.getpid()}-{n % 100}", "w").close()
    os.remove(f"{os.getpid()}-{n % 100}")
    n += 1
"""
p = subprocess.Popen([sys.executable, "-c", code, "MARK"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
print(len([p.stdout.readline() for _ in range(32)]), "are up")
`, "MARK", mark))
	_, err := run(t.Context(), allowed(c), nil)
	if left := marked(t, mark); len(left) > 0 || !strings.Contains(out.String(), "32 are up") {
		t.Errorf("processes %v outlived it\n%s", left, out)
	}
	check(t, err)
	isEmpty(t, c.Dir)
}
