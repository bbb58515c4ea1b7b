//go:build linux

package smoke

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kpm-sh/kpm/internal/e2e/built"
)

// product returns the path of what is built for a real node, or skips.
func product(t *testing.T, p built.Product) string {
	t.Helper()
	root, err := built.Root()
	if err != nil {
		t.Fatal(err)
	}
	path, err := built.Path(root, p)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		t.Skipf("%s is not built: make e2e-kubelet", p)
	}
	return path
}

// onNode is a command that runs beside a cluster with a real node, in a process
// group of its own. tmp is where it makes its folders.
func onNode(t *testing.T, tmp string, command ...string) *exec.Cmd {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("a node needs root")
	}
	args := []string{"run", "--kubelet", product(t, built.Kubelet), "--images", product(t, built.Images), "--"}
	cmd := exec.Command(binary(t), append(args, command...)...)
	cmd.Env = append(os.Environ(), "TMPDIR="+tmp)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	return cmd
}

// TestNode lets pods run on a real node, ends in every way there is, and looks at
// what is left.
func TestNode(t *testing.T) {
	if kubeconfig := os.Getenv("KPM_E2E_KUBECONFIG"); kubeconfig != "" {
		testPods(t, connect(t, kubeconfig))
		return
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	pods := self + " -test.run=^TestNode$ -test.v"
	for name, tt := range map[string]struct {
		script string
		signal func(pid int) error // sent once the script has said "running"
		code   int
	}{
		"the command succeeds": {script: pods},
		"the command fails":    {script: pods + "; exit 3", code: 3},
		"Ctrl-C": {
			script: pods + "; echo running; exec sleep infinity",
			signal: func(pid int) error { return syscall.Kill(-pid, syscall.SIGINT) },
			code:   128 + int(syscall.SIGINT),
		},
		"SIGTERM": {
			script: pods + "; echo running; exec sleep infinity",
			signal: func(pid int) error { return syscall.Kill(pid, syscall.SIGTERM) },
			code:   128 + int(syscall.SIGTERM),
		},
		"the kubelet dies": {script: pods + `; kill -KILL $(pgrep kpm-kubelet); exec sleep infinity`, code: faultCode},
	} {
		t.Run(name, func(t *testing.T) {
			tmp := t.TempDir()
			before := surroundings(t, tmp)
			cmd := onNode(t, tmp, "sh", "-c", tt.script)
			out := &watched{word: "running\n", seen: func() {
				if err := tt.signal(cmd.Process.Pid); err != nil {
					t.Error(err)
				}
			}}
			cmd.Stdout, cmd.Stderr = out, out
			err := cmd.Run()
			var exit *exec.ExitError
			if err != nil && !errors.As(err, &exit) {
				t.Fatal(err)
			}
			if got := cmd.ProcessState.ExitCode(); got != tt.code || !bytes.Contains(out.text, []byte("--- PASS: TestNode")) {
				t.Errorf("got code %d, want %d\n%s", got, tt.code, out.text)
			}
			empty(t, tmp)
			if after := surroundings(t, tmp); !slices.Equal(before, after) {
				t.Errorf("before:\n%s\nafter:\n%s", strings.Join(before, "\n"), strings.Join(after, "\n"))
			}
		})
	}
}

// faultCode is what kpm-cluster ends with when the fault was not the command's.
const faultCode = 125

// watched is output in which a word may be seen, once.
type watched struct {
	text []byte
	word string
	seen func()
}

func (w *watched) Write(p []byte) (int, error) {
	w.text = append(w.text, p...)
	if w.seen != nil && bytes.Contains(w.text, []byte(w.word)) {
		seen := w.seen
		w.seen = nil
		seen()
	}
	return len(p), nil
}

// mounts are those of the machine, but for what other programs mount meanwhile in folders
// of their own for what is temporary: tmp is ours.
func mounts(t *testing.T, tmp string) []string {
	t.Helper()
	text, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(strings.Split(string(text), "\n"), func(line string) bool {
		const point = 4
		fields := strings.Fields(line)
		return len(fields) > point && strings.HasPrefix(fields[point], os.TempDir()+"/") && !strings.HasPrefix(fields[point], tmp)
	})
}

// surroundings is all of the machine that a node could leave something in. tmp is
// the folder for what is temporary that it had.
func surroundings(t *testing.T, tmp string) []string {
	t.Helper()
	var all []string
	for _, pattern := range []string{
		"/run/*", "/run/netns/*", "/run/containerd/*", "/var/lib/*", "/var/lib/kubelet/*", "/var/lib/cni/*", "/var/log/*", "/var/log/*/*",
		"/opt/*", "/opt/cni/*", "/volumes/*", "/sys/fs/cgroup/*/kpm-e2e-*", "/sys/fs/cgroup/kpm-e2e-*", "/sys/fs/cgroup/*/k8s.io", "/sys/class/net/*",
	} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, found...)
	}
	all = append(all, mounts(t, tmp)...)
	for _, name := range []string{"vm/overcommit_memory", "vm/panic_on_oom", "kernel/panic", "kernel/panic_on_oops", "net/ipv4/ip_forward"} {
		value, err := os.ReadFile(filepath.Join("/proc/sys", name))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, name+" = "+string(value))
	}
	return append(all, processes(t)...)
}

// processes are those that a node would have started.
func processes(t *testing.T) []string {
	t.Helper()
	found, err := filepath.Glob("/proc/[0-9]*/comm")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, path := range found {
		comm, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ESRCH) {
			continue // it has just ended
		}
		if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimSpace(string(comm))
		if name == "play" || name == "pause" || name == "kpm-kubelet" || strings.HasPrefix(name, "containerd") {
			names = append(names, name+" "+filepath.Dir(path))
		}
	}
	return names
}

// testPods runs a pod that its probe makes wait, with a claim, a limit and
// a log, and leaves it running.
func testPods(t *testing.T, c client) {
	create(t, c.in("default", "", "persistentvolumeclaims"), `
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data}
spec:
  accessModes: [ReadWriteOnce]
  resources: {requests: {storage: 1Gi}}`)
	create(t, c.in("default", "", "pods"), `
apiVersion: v1
kind: Pod
metadata: {name: play}
spec:
  containers:
  - name: main
    image: kpm.sh/e2e/play:1
    args: [serve, "2"]
    readinessProbe: {httpGet: {path: /ready, port: 8080}, periodSeconds: 1}
    resources: {limits: {memory: 48Mi}}
    volumeMounts: [{name: data, mountPath: /data}]
  volumes: [{name: data, persistentVolumeClaim: {claimName: data}}]`)
	pods := c.typed.CoreV1().Pods("default")
	var last *corev1.Pod
	until(t, func(ctx context.Context) (bool, error) {
		pod, err := pods.Get(ctx, "play", metav1.GetOptions{})
		if err != nil {
			return false, err
		}
		last = pod
		return slices.ContainsFunc(pod.Status.Conditions, func(c corev1.PodCondition) bool {
			return c.Type == corev1.PodReady && c.Status == corev1.ConditionTrue
		}), nil
	}, func() { t.Fatalf("the pod does not become ready: %+v", last.Status) })
	log, err := pods.GetLogs("play", &corev1.PodLogOptions{}).DoRaw(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(log), "asked 3 times: ready\n") || !strings.HasPrefix(string(log), "serving version 1\nasked 1 times: not ready\n") {
		t.Errorf("the pod is ready, and wrote %q", log)
	}
}
