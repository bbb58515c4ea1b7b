//go:build linux

package smoke

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/kpm-sh/kpm/internal/e2e/built"
	"github.com/kpm-sh/kpm/internal/e2e/netns"
)

// binary returns the path of the built kpm-cluster, or skips.
func binary(t *testing.T) string {
	t.Helper()
	root, err := built.Root()
	if err != nil {
		t.Fatal(err)
	}
	path, err := built.Path(root, built.Cluster)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err == nil {
		return path
	}
	const reason = "kpm-cluster is not built: make cluster"
	if os.Getenv("CI") == "true" {
		t.Fatal(reason)
	}
	t.Skip(reason)
	return ""
}

// start runs kpm-cluster with args and returns its exit code and output.
func start(t *testing.T, env []string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	cmd := exec.Command(binary(t), args...)
	cmd.Env = append(os.Environ(), env...)
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), out.String(), errs.String()
}

func TestRefusesToLeaveTheMachine(t *testing.T) {
	if netns.Check() == nil {
		t.Skip("this test runs in an empty network namespace")
	}
	code, stdout, stderr := start(t, nil)
	if code != 125 || stdout != "" {
		t.Errorf("got code %d, output %q", code, stdout)
	}
	for _, want := range []string{"no empty network namespace", "unshare -n kpm-cluster", "unshare -r -n kpm-cluster", "kpm-cluster run -- COMMAND"} {
		if !strings.Contains(stderr, want) {
			t.Errorf("stderr lacks %q:\n%s", want, stderr)
		}
	}
}

func TestBadCommandLines(t *testing.T) {
	for name, tt := range map[string]struct {
		args []string
		want string
	}{
		"no command":       {[]string{"run"}, "no command given"},
		"argument":         {[]string{"up"}, `unexpected argument "up"`},
		"unknown flag":     {[]string{"--port", "1"}, "not defined: -port"},
		"bad user":         {[]string{"run", "--users", "../etc", "--", "true"}, `reading user "../etc"`},
		"user twice":       {[]string{"--users", "dev,dev"}, "the name is taken"},
		"second admin":     {[]string{"--users", "admin"}, "the name is taken"},
		"no such command":  {[]string{"run", "--", "/nonexistent"}, "/nonexistent: no such file"},
		"no such role ref": {[]string{"run", "--users", "dev=Not/A/Role", "--", "true"}, "roleRef.name"},
	} {
		t.Run(name, func(t *testing.T) {
			code, _, stderr := start(t, nil, tt.args...)
			if code != 125 || !strings.Contains(stderr, tt.want) {
				t.Errorf("got code %d, %q; want 125, %q", code, stderr, tt.want)
			}
		})
	}
}

func TestRunReturnsTheCommandsCode(t *testing.T) {
	for script, want := range map[string]int{"exit 7": 7, "kill -KILL $$": 137} {
		if code, _, stderr := start(t, nil, "run", "--", "sh", "-c", script); code != want {
			t.Errorf("%s: got %d, want %d: %s", script, code, want, stderr)
		}
	}
}

func TestRunHidesTheUsersClusters(t *testing.T) {
	tmp := t.TempDir()
	_, stdout, stderr := start(t,
		[]string{"KUBECONFIG=/secret", "KUBERNETES_SERVICE_HOST=10.0.0.1", "https_proxy=http://10.0.0.2", "TMPDIR=" + tmp, "KPM_E2E_KUBECONFIG=/other", "MINE=1"},
		"run", "--", "env")
	env := map[string]string{}
	for line := range strings.Lines(stdout) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		env[name] = value
	}
	for _, name := range []string{"KUBECONFIG", "KUBERNETES_SERVICE_HOST", "https_proxy"} {
		if v, ok := env[name]; ok {
			t.Errorf("the command sees %s=%s", name, v)
		}
	}
	for _, name := range []string{"HOME", "TMPDIR", "KPM_E2E_KUBECONFIG"} {
		if !strings.HasPrefix(env[name], tmp+"/") {
			t.Errorf("got %s=%s, want a path below %s\n%s", name, env[name], tmp, stderr)
		}
	}
	if env["MINE"] != "1" {
		t.Error("the command does not see the rest of the environment")
	}
	empty(t, tmp)
}

func TestStops(t *testing.T) {
	for name, stop := range map[string]func(*exec.Cmd, io.Closer) error{
		"at SIGTERM":      func(cmd *exec.Cmd, _ io.Closer) error { return cmd.Process.Signal(syscall.SIGTERM) },
		"at end of stdin": func(_ *exec.Cmd, stdin io.Closer) error { return stdin.Close() },
		"at SIGINT, twice": func(cmd *exec.Cmd, _ io.Closer) error {
			return errors.Join(cmd.Process.Signal(syscall.SIGINT), cmd.Process.Signal(syscall.SIGINT))
		},
	} {
		t.Run(name, func(t *testing.T) { testStop(t, stop) })
	}
}

func testStop(t *testing.T, stop func(*exec.Cmd, io.Closer) error) {
	tmp := t.TempDir()
	cmd := exec.Command(binary(t), "--users", "ann")
	cmd.Env = append(os.Environ(), "TMPDIR="+tmp)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	attr, err := netns.Attributes()
	if err != nil {
		t.Fatal(err)
	}
	cmd.SysProcAttr = attr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Process.Kill() //nolint:errcheck // it has ended, unless the test failed
	line, err := bufio.NewReader(stdout).ReadBytes('\n')
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Kubeconfig   string
		Users        map[string]string
		Log          string
		Milliseconds map[string]int64
	}
	if err := json.Unmarshal(line, &got); err != nil {
		t.Fatalf("%v: %s", err, line)
	}
	t.Logf("ready after %v ms", got.Milliseconds["ready"])
	for _, path := range []string{got.Kubeconfig, got.Log, got.Users["ann"]} {
		if _, err := os.Stat(path); err != nil || !strings.HasPrefix(path, tmp) {
			t.Errorf("path %q: %v, want one below %s", path, err, tmp)
		}
	}
	if err := stop(cmd, stdin); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil || stderr.Len() > 0 {
		t.Errorf("got %v and %q on stderr, want neither", err, stderr.String())
	}
	empty(t, tmp)
}

func empty(t *testing.T, dir string) {
	t.Helper()
	left, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	if len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}
