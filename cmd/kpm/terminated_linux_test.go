package main

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/kpm-sh/kpm/internal/cluster/clustertest"
)

// SIGTERM of an install, while its hook runs and while kpm reads what it made, ends
// with 130 and leaves nothing: no process of the hook, no folder, no lock, no object.
func TestTerminatedHook(t *testing.T) {
	if _, err := exec.LookPath("python3"); err != nil {
		t.Skip("there is no python3")
	}
	for name, script := range map[string]string{
		"runs": "import os, subprocess, sys, time\n" +
			"try: subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'], start_new_session=True)\n" +
			"except PermissionError: pass\n" +
			"print('up')\ntime.sleep(600)\n",
		"is read": "for i in range(2000): open('f%d' % i, 'wb').write(bytes(30000))\nprint('up')\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server, sent := clustertest.New(t), make(chan struct{})
			server.Before(func(r *http.Request) int {
				if r.Method == http.MethodGet || r.URL.Query().Get("dryRun") != "" || strings.Contains(r.URL.Path, "selfsubject") {
					return 0
				}
				<-sent // nothing is changed before the signal, and nothing after it
				return http.StatusServiceUnavailable
			})
			home, dir := t.TempDir(), ponyWith(t, script)
			config := filepath.Join(home, "kubeconfig")
			if err := os.WriteFile(config, server.Kubeconfig(), 0o600); err != nil {
				t.Fatal(err)
			}
			cmd := command(t.Context(), home, "install", dir, "-y")
			mark := "KUBECONFIG=" + config
			cmd.Env = append(cmd.Env, mark, "TMPDIR="+home)
			terminate(t, cmd, func() { close(sent) })
			if left := hooksOf(t, filepath.Base(dir)); len(left) > 0 {
				t.Errorf("processes %v outlive it", left)
			}
			if left, err := filepath.Glob(filepath.Join(home, ".hooks", "run-*")); err != nil || len(left) > 0 {
				t.Errorf("left behind: %v, %v", left, err)
			}
			server.Before(nil)
			again := command(t.Context(), home, "list", "-o", "name")
			again.Env = append(again.Env, mark)
			if out, err := again.CombinedOutput(); err != nil || len(out) > 0 {
				t.Errorf("list: %v\n%s", err, out)
			}
			writes := slices.DeleteFunc(server.Writes(), func(w string) bool { return strings.Contains(w, "selfsubject") })
			if len(writes) > 0 {
				t.Errorf("it changed the cluster: %v", writes)
			}
			script := filepath.Join(dir, "scripts", "pre-install.py")
			if err := os.WriteFile(script, []byte("print('again')\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			next := command(t.Context(), home, "install", dir, "-y", "--no-wait")
			next.Env = append(next.Env, mark)
			if out, err := next.CombinedOutput(); err != nil || !bytes.Contains(out, []byte("again")) {
				t.Errorf("the next install: %v\n%s", err, out)
			}
		})
	}
}

// ponyWith is the folder of a Kube with a hook. Its name is that of no other.
func ponyWith(t *testing.T, script string) string {
	t.Helper()
	dir, err := os.MkdirTemp(t.TempDir(), "pony")
	if err != nil {
		t.Fatal(err)
	}
	for p, text := range map[string]string{
		"K3.yaml":                "name: " + filepath.Base(dir) + "\nversion: 1.0.0\ndescription: A pony\n",
		"manifests/a.yaml":       "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: pony}\n",
		"scripts/pre-install.py": script,
	} {
		p = filepath.Join(dir, filepath.FromSlash(p))
		if err := errors.Join(os.MkdirAll(filepath.Dir(p), 0o700), os.WriteFile(p, []byte(text), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// terminate runs kpm, and sends SIGTERM once its hook says that it is up.
func terminate(t *testing.T, cmd *exec.Cmd, sent func()) {
	t.Helper()
	said, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(said)
	var all strings.Builder
	for !strings.HasSuffix(all.String(), " | up\n") {
		line, err := lines.ReadString('\n')
		all.WriteString(line)
		if err != nil {
			t.Fatalf("%v\n%s", err, &all)
		}
	}
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	sent()
	rest, _ := io.ReadAll(lines) // its end is that of kpm
	_ = cmd.Wait()               // its code is what counts
	if got := cmd.ProcessState.ExitCode(); got != exitInterrupted {
		t.Errorf("got exit code %d, want %d\n%s%s", got, exitInterrupted, &all, rest)
	}
}

// hooksOf are the processes on this host that the hook of a Kube left.
func hooksOf(t *testing.T, kube string) []string {
	t.Helper()
	files, err := filepath.Glob("/proc/[0-9]*/environ")
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, f := range files {
		text, err := os.ReadFile(f) // gone is gone, and another user's is not ours
		if err == nil && bytes.Contains(text, []byte("KUBE_NAME="+kube+"\x00")) {
			found = append(found, f)
		}
	}
	return found
}
