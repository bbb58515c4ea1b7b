package history

import (
	"os"
	"os/exec"
	"testing"

	"golang.org/x/sys/unix"
)

// A process that was killed and that nobody has asked how it ended holds nothing.
func TestEndedIsNotRunning(t *testing.T) {
	cmd := exec.Command(os.Args[0], "-test.run=^TestWaitsForItsEnd$")
	cmd.Env = append(os.Environ(), "KPM_TEST_WAITS=1")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	pid := cmd.Process.Pid
	if !running(pid) {
		t.Error("a process that runs is dead")
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	// waits for the end, and leaves the process as it is
	if err := unix.Waitid(unix.P_PID, pid, nil, unix.WEXITED|unix.WNOWAIT, nil); err != nil {
		t.Fatal(err)
	}
	if running(pid) {
		t.Error("a process that was killed runs")
	}
	_ = in.Close()
	_ = cmd.Wait()
}

// TestWaitsForItsEnd is the process of TestEndedIsNotRunning.
func TestWaitsForItsEnd(t *testing.T) {
	if os.Getenv("KPM_TEST_WAITS") == "" {
		t.Skip("it is a process of another test")
	}
	_, _ = os.Stdin.Read(make([]byte, 1))
}
