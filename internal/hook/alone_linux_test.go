package hook

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// TestAsOrdinaryUser runs the tests of confinement again as a user without
// privileges and with a umask that keeps others out, when they run as root.
func TestAsOrdinaryUser(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("the tests run as an ordinary user already")
	}
	cmd := again(t, "-test.run", "^(TestHostile|TestNothingSurvives|TestLeaves|TestAnswers|TestHookValues|TestEndsHook|TestDiesWithKPM|TestSweep|TestFull|TestRoom|TestLeavesTheDisk|TestWithin)$")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// again is the test binary as an ordinary user, with a folder of its own.
func again(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	const user = 12345
	dir, err := os.MkdirTemp("", "kpm-hook-test-")
	check(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	check(t, os.Chown(dir, user, user))
	self, err := os.Executable()
	check(t, err)
	binary, err := os.ReadFile(self)
	check(t, err)
	program := filepath.Join(dir, "hook.test")
	check(t, os.WriteFile(program, binary, 0o755))
	check(t, os.Chmod(dir, 0o755))
	check(t, os.Chmod(program, 0o755))
	cmd := exec.CommandContext(t.Context(), "sh", append([]string{"-c", `umask 077; exec "$0" "$@"`, program}, args...)...)
	cmd.Dir = dir
	cmd.Env = []string{"PATH=/usr/local/bin:/usr/bin:/bin", "HOME=" + dir, "TMPDIR=" + dir, "CI=" + os.Getenv("CI")}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: user, Gid: user}}
	return cmd
}

// TestOwnerAlone runs hooks of root while files are made for their owner alone:
// a hook, which is another user, still reads what it has to.
func TestOwnerAlone(t *testing.T) {
	t.Parallel()
	self, err := os.Executable()
	check(t, err)
	cmd := exec.CommandContext(t.Context(), "sh", "-c", `umask 077; exec "$0" -test.run '^TestHookValues$'`, self)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// victim is a hook that tries to outlive kpm, alone or with a child.
const victim = `
import ctypes, os, time
ctypes.CDLL(None).prctl(1, 0, 0, 0, 0)
open("hook-values.yaml", "w").write("password: hunter2")
try:
    if os.fork() == 0:
        ctypes.CDLL(None).prctl(1, 0, 0, 0, 0)
        os.setsid()
        time.sleep(600)
except PermissionError:
    pass
print("up")
time.sleep(600)
`

// TestDiesWithKPM kills kpm, which has no time to end its hook, at each level.
func TestDiesWithKPM(t *testing.T) {
	if dir := os.Getenv("KPM_TEST_VICTIM"); dir != "" {
		dieWithKPM(t, dir)
	}
	t.Parallel()
	for _, level := range levels() {
		t.Run(level.String(), func(t *testing.T) {
			t.Parallel()
			has(t, level)
			dir := t.TempDir()
			killed(t, dir, level)
			check(t, Sweep(t.Context(), dir))
			isEmpty(t, dir)
		})
	}
}

func dieWithKPM(t *testing.T, dir string) {
	c, _ := call(t, victim)
	c.Out, c.Dir = os.Stdout, dir
	level, err := strconv.Atoi(os.Getenv("KPM_TEST_LEVEL"))
	check(t, err)
	_, err = run(t.Context(), c, []Level{Level(level)})
	t.Fatal("it was to be killed: ", err)
}

// killed starts kpm with the victim, kills it, and waits until the pipe that the
// hook and its child write to has no writer any more.
func killed(t *testing.T, dir string, level Level) {
	t.Helper()
	self, err := os.Executable()
	check(t, err)
	cmd := exec.Command(self, "-test.run", "^TestDiesWithKPM$")
	cmd.Env = append(os.Environ(), "KPM_TEST_VICTIM="+dir, fmt.Sprintf("KPM_TEST_LEVEL=%d", level))
	out, err := cmd.StdoutPipe()
	check(t, err)
	check(t, cmd.Start())
	lines := bufio.NewReader(out)
	for line := ""; !strings.HasPrefix(line, "pony | up"); {
		if line, err = lines.ReadString('\n'); err != nil {
			t.Fatalf("%q, %v", line, err)
		}
	}
	hooks := descendants(t, cmd.Process.Pid)
	if want := map[bool]int{true: 1, false: 2}[level == Landlock]; len(hooks) != want {
		t.Errorf("%d processes run, want %d", len(hooks), want)
	}
	check(t, cmd.Process.Kill())
	_, _ = io.Copy(io.Discard, lines)
	_ = cmd.Wait() // killed
	for _, hook := range hooks {
		n, err := unix.Poll([]unix.PollFd{{Fd: int32(hook), Events: unix.POLLIN}}, 60_000)
		for errors.Is(err, unix.EINTR) {
			n, err = unix.Poll([]unix.PollFd{{Fd: int32(hook), Events: unix.POLLIN}}, 60_000)
		}
		if n != 1 {
			t.Errorf("a process of the hook lives on: %d, %v", n, err)
		}
	}
}

// descendants are descriptors of all processes below a process. Each can be read
// once that one is dead.
func descendants(t *testing.T, pid int) []int {
	t.Helper()
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	check(t, err)
	var found []int
	for _, stat := range stats {
		text, _ := os.ReadFile(stat) // gone is gone
		_, fields, _ := strings.Cut(string(text), ") ")
		parent := strings.Fields(fields)
		if len(parent) > 1 && parent[1] == strconv.Itoa(pid) {
			child, err := strconv.Atoi(filepath.Base(filepath.Dir(stat)))
			check(t, err)
			fd, err := unix.PidfdOpen(child, 0)
			check(t, err)
			t.Cleanup(func() { _ = unix.Close(fd) })
			found = append(append(found, fd), descendants(t, child)...)
		}
	}
	return found
}
