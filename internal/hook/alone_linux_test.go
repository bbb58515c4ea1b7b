package hook

import (
	"bufio"
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
// privileges, when they run as root.
func TestAsOrdinaryUser(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("the tests run as an ordinary user already")
	}
	cmd := again(t, "-test.run", "^(TestHostile|TestNothingSurvives|TestLeaves|TestAnswers|TestHookValues|TestEndsHook)$")
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
	cmd := exec.CommandContext(t.Context(), program, args...)
	cmd.Dir = dir
	cmd.Env = []string{"PATH=/usr/local/bin:/usr/bin:/bin", "HOME=" + dir, "TMPDIR=" + dir, "CI=" + os.Getenv("CI")}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: user, Gid: user}}
	return cmd
}

// TestDiesWithKPM kills kpm, which has no time to end its hook.
func TestDiesWithKPM(t *testing.T) {
	if os.Getenv("KPM_TEST_VICTIM") != "" {
		c, _ := call(t, "import time\nprint('up')\ntime.sleep(600)")
		c.Out, c.TempDir = os.Stdout, os.Getenv("KPM_TEST_VICTIM")
		_, err := Run(t.Context(), c)
		t.Fatal("it was to be killed: ", err)
	}
	bestLevel(t)
	self, err := os.Executable()
	check(t, err)
	dir := t.TempDir()
	cmd := exec.Command(self, "-test.run", "^TestDiesWithKPM$")
	cmd.Env = append(os.Environ(), "KPM_TEST_VICTIM="+dir)
	out, err := cmd.StdoutPipe()
	check(t, err)
	check(t, cmd.Start())
	lines := bufio.NewReader(out)
	for line := ""; !strings.HasPrefix(line, "pony | up"); {
		if line, err = lines.ReadString('\n'); err != nil {
			t.Fatalf("%q, %v", line, err)
		}
	}
	hook := childOf(t, cmd.Process.Pid)
	check(t, cmd.Process.Kill())
	_, _ = io.Copy(io.Discard, lines)
	_ = cmd.Wait() // killed
	if n, err := unix.Poll([]unix.PollFd{{Fd: int32(hook), Events: unix.POLLIN}}, 60_000); n != 1 {
		t.Errorf("the hook lives on: %d, %v", n, err)
	}
}

// childOf is a descriptor of the only child of a process. It can be read once
// the child is dead.
func childOf(t *testing.T, pid int) int {
	t.Helper()
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	check(t, err)
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
			return fd
		}
	}
	t.Fatal("there is no hook")
	return -1
}
