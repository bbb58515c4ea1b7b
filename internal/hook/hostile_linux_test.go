package hook

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"

	"github.com/kpm-sh/kpm/internal/kube"
)

// prey is what hostile hooks are after. They learn of it from their values.
type prey struct {
	Home     string `json:"home"`
	Secret   string `json:"secret"`
	Outside  string `json:"outside"`
	Port     int    `json:"port"`
	UDP      int    `json:"udp"`
	Socket   string `json:"socket"`
	Abstract string `json:"abstract"`
	PID      int    `json:"pid"`
	FD       int    `json:"fd"`
	TTY      string `json:"tty"`
	Control  bool   `json:"control"`

	user     *os.File // the other end of the user's terminal
	terminal *os.File
}

const secret = "KPM_TEST_SECRET=hunter2\n"

func newPrey(t *testing.T) prey {
	t.Helper()
	home, outside := t.TempDir(), t.TempDir()
	p := prey{Home: home, Secret: filepath.Join(home, "token"), Outside: outside, PID: os.Getpid()}
	check(t, os.WriteFile(p.Secret, []byte(secret), 0o644))
	check(t, os.Chmod(p.Secret, 0o644))
	for _, dir := range []string{home, filepath.Dir(home), outside} { // only confinement keeps a hook away
		check(t, os.Chmod(dir, 0o777))
	}
	tcp, err := net.Listen("tcp", "127.0.0.1:0")
	check(t, err)
	udp, err := net.ListenPacket("udp", "127.0.0.1:0")
	check(t, err)
	p.Socket = filepath.Join(outside, "s")
	named, err := net.Listen("unix", p.Socket)
	check(t, err)
	check(t, os.Chmod(p.Socket, 0o777))
	p.Abstract = filepath.Base(filepath.Dir(home)) + fmt.Sprint(os.Getpid())
	abstract, err := net.Listen("unix", "@"+p.Abstract)
	check(t, err)
	p.Port, p.UDP = tcp.Addr().(*net.TCPAddr).Port, udp.LocalAddr().(*net.UDPAddr).Port
	p.FD, err = unix.Open(p.Secret, unix.O_RDONLY, 0) // kpm was started with it open
	check(t, err)
	p.user, p.terminal, err = pty.Open()
	check(t, err)
	p.TTY = p.terminal.Name()
	t.Cleanup(func() {
		_, _, _, _ = tcp.Close(), udp.Close(), named.Close(), abstract.Close()
		_, _, _ = p.user.Close(), p.terminal.Close(), unix.Close(p.FD)
	})
	return p
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// hunt is a run of all hostile scripts, in one Python. The bomb comes last: what
// it leaves takes the processes that others would try to make.
func hunt(t *testing.T, p prey) (c Call, out *bytes.Buffer, names []string) {
	t.Helper()
	script := fixture(t, "testdata/hostile/prelude.py")
	for _, name := range fixtures(t, "hostile") {
		if base := path.Base(name); base != "prelude.py" && base != "bomb.py" {
			names = append(names, base)
		}
	}
	names = append(names, "bomb.py")
	for _, name := range names {
		script += fmt.Sprintf("print(%q)\n", section+name) + fixture(t, "testdata/hostile/"+name)
	}
	c, out = call(t, script)
	values, err := json.Marshal(p)
	check(t, err)
	c.Values, c.In, c.Width, c.Timeout = values, p.terminal, 200, time.Minute
	c.Previous = []kube.File{{Path: ValuesPath, Data: []byte("old: 1\n")}}
	return c, out, names
}

// section begins the line before what a hostile script says.
const section = "SCRIPT "

// spared are the attempts that may succeed although they look bad, by level.
func spared(level Level, line string) bool {
	// Its own terminal is its own: what it types there, it alone reads. Where a
	// hook is confined the filter still denies it.
	return level == Unconfined && strings.Contains(line, "type on its terminal")
}

// TestHostile runs the scripts of testdata/hostile at each level. As a control it
// runs them unconfined, too, where each must get away with something.
func TestHostile(t *testing.T) {
	t.Parallel()
	for _, level := range append(levels(), Unconfined) {
		t.Run(strings.ReplaceAll(level.String(), " ", "-"), func(t *testing.T) {
			t.Parallel()
			if level != Unconfined {
				has(t, level)
			}
			testHostile(t, level)
		})
	}
}

func testHostile(t *testing.T, level Level) {
	p := newPrey(t)
	p.Control = level == Unconfined
	c, out, names := hunt(t, p)
	var err error
	if level == Unconfined {
		_, err = run(t.Context(), allowed(c), nil)
	} else {
		_, err = run(t.Context(), c, []Level{level})
	}
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	t.Logf("\n%s", out)
	breaches, denied, at := map[string]int{}, map[string]int{}, ""
	for line := range strings.Lines(out.String()) {
		if _, name, ok := strings.Cut(strings.TrimSpace(line), section); ok {
			at = name
		}
		if strings.Contains(line, "BREACH") && !spared(level, line) {
			breaches[at]++
		}
		if strings.Contains(line, "DENIED") {
			denied[at]++
		}
	}
	for _, name := range names {
		switch {
		case level == Unconfined && breaches[name] == 0:
			t.Errorf("%s: the control proves nothing", name)
		case level != Unconfined && (breaches[name] > 0 || denied[name] == 0):
			t.Errorf("%s: %d breaches, %d denied", name, breaches[name], denied[name])
		}
	}
	if level != Unconfined {
		p.isWhole(t)
	}
}

// isWhole makes sure that nothing happened to what hooks are after.
func (p prey) isWhole(t *testing.T) {
	t.Helper()
	got, err := os.ReadFile(p.Secret)
	if err != nil || string(got) != secret {
		t.Errorf("the secret is %q, %v", got, err)
	}
	info, err := os.Stat(p.Secret)
	check(t, err)
	if info.Mode() != 0o644 || info.ModTime().Unix() < 10 {
		t.Errorf("the secret's mode and time are %v, %v", info.Mode(), info.ModTime())
	}
	if left, err := os.ReadDir(p.Outside); err != nil || len(left) != 1 {
		t.Errorf("outside lie %v, %v", left, err)
	}
	for name, f := range map[string]*os.File{"can be read by kpm": p.terminal, "is shown to the user": p.user} {
		if n := waiting(t, f); n > 0 {
			t.Errorf("something %s on the user's terminal: %d bytes", name, n)
		}
	}
}

// waiting is how many bytes can be read from f at once.
func waiting(t *testing.T, f *os.File) int {
	t.Helper()
	n, err := unix.IoctlGetInt(int(f.Fd()), unix.TIOCINQ)
	check(t, err)
	return n
}

// marked are the processes on this host with mark in their command line.
func marked(t *testing.T, mark string) []string {
	t.Helper()
	files, err := filepath.Glob("/proc/[0-9]*/cmdline")
	check(t, err)
	var found []string
	for _, f := range files {
		line, err := os.ReadFile(f) // gone is gone
		if err == nil && strings.Contains(string(line), mark) {
			found = append(found, path.Base(path.Dir(f)))
		}
	}
	return found
}

const daemon = `
import os, subprocess, sys
code = "import time; print('up', flush=True); time.sleep(600)"
try:
    p = subprocess.Popen([sys.executable, "-c", code, "MARK"], start_new_session=True,
                         stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    print(p.stdout.readline())
except PermissionError:
    print("alone")
END
`

// TestNothingSurvives leaves a process behind that belongs to no session of the
// hook, and one that has to be ended.
func TestNothingSurvives(t *testing.T) {
	t.Parallel()
	for _, level := range levels() {
		for end, want := range map[string]error{"os._exit(0)": nil, "import time; time.sleep(600)": context.Canceled} {
			t.Run(fmt.Sprint(level, " ", end), func(t *testing.T) {
				t.Parallel()
				has(t, level)
				mark := fmt.Sprintf("kpm-hook-survivor-%d-%d-%v", os.Getpid(), level, want == nil)
				c, out := call(t, strings.NewReplacer("MARK", mark, "END", end).Replace(daemon))
				c.Timeout = time.Minute
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				c.Out = writerFunc(func(b []byte) (int, error) {
					if want != nil && (bytes.Contains(b, []byte("up")) || bytes.Contains(b, []byte("alone"))) {
						cancel()
					}
					return out.Write(b)
				})
				if _, err := run(ctx, c, []Level{level}); !errors.Is(err, want) {
					t.Errorf("got %v, want %v\n%s", err, want, out)
				}
				if !strings.Contains(out.String(), "up") && level != Landlock {
					t.Errorf("it left nothing behind:\n%s", out)
				}
				if left := marked(t, mark); len(left) > 0 {
					t.Errorf("processes %v outlived it\n%s", left, out)
				}
				isEmpty(t, c.Dir)
			})
		}
	}
}

// TestTimeLimit has a hook end that takes too long, also while it is being confined:
// nothing runs it at a lesser level then.
func TestTimeLimit(t *testing.T) {
	t.Parallel()
	for _, limit := range []time.Duration{100 * time.Millisecond, time.Nanosecond} {
		c, _ := call(t, "while True: pass")
		c.Timeout = limit
		_, err := run(t.Context(), c, []Level{bestLevel(t)})
		if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "it took longer than "+limit.String()) {
			t.Errorf("got %v, want %v", err, context.DeadlineExceeded)
		}
		isEmpty(t, c.Dir)
	}
}

// TestSurvivorIsSeen is the control of TestNothingSurvives.
func TestSurvivorIsSeen(t *testing.T) {
	t.Parallel()
	mark := fmt.Sprintf("kpm-hook-survivor-%d-control", os.Getpid())
	c, out := call(t, strings.NewReplacer("MARK", mark, "END", "").Replace(daemon))
	_, err := run(t.Context(), allowed(c), nil)
	check(t, err)
	left := marked(t, mark)
	if len(left) != 1 {
		t.Errorf("survivors: got %v, want one\n%s", left, out)
	}
	for _, pid := range left {
		var n int
		_, err := fmt.Sscan(pid, &n)
		check(t, err)
		check(t, unix.Kill(n, unix.SIGKILL))
	}
}

// TestEndsHook has hooks that must be ended from outside, and what they made
// removed: Landlock alone leaves the copy on the disk.
func TestEndsHook(t *testing.T) {
	t.Parallel()
	const stays = "\nimport time\ntime.sleep(600)"
	for want, script := range map[string]string{
		"it writes more than 1 MiB of output":             "while True: print('x' * 1000)",
		"it writes more than 134217728 bytes":             "import os\nfor i in range(4):\n  open(str(i), 'w'); os.truncate(str(i), 60 << 20)" + stays,
		"it makes more than 200 files and folders":        "import os\nfor i in range(300): os.mkdir(str(i))" + stays,
		"it makes more than 64 folders inside each other": "import os\nfor i in range(3000):\n  os.mkdir('.d'); os.chdir('.d')" + stays,
		"it makes a path of more than 255 bytes":          "import os\nfor i in range(5):\n  os.mkdir('d' * 80); os.chdir('d' * 80)" + stays,
	} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			has(t, Landlock)
			c, _ := call(t, script)
			few := usualBounds()
			few.entries = 200
			c.bounds = &few
			if _, err := run(t.Context(), c, []Level{Landlock}); err == nil || err.Error() != want {
				t.Errorf("got %v, want %s", err, want)
			}
			isEmpty(t, c.Dir)
		})
	}
	t.Run("interrupted", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancel(t.Context())
		c, _ := call(t, "print('here', flush=True)\nwhile True: pass")
		c.Out = writerFunc(func(b []byte) (int, error) { cancel(); return len(b), nil })
		if _, err := run(ctx, c, []Level{bestLevel(t)}); !errors.Is(err, context.Canceled) {
			t.Errorf("interrupted: got %v", err)
		}
	})
}

// TestDiskShrinks ends a hook once its disk has lost too much, by whatever has no
// name there. Others use the test's own disk: what is free is made up.
func TestDiskShrinks(t *testing.T) {
	t.Parallel()
	has(t, Landlock)
	left := int64(10 << 30)
	little := usualBounds()
	little.free = func(*os.Root) (int64, bool) { left -= 600 << 20; return left, true }
	c, _ := call(t, "import time\ntime.sleep(600)")
	c.bounds = &little
	_, err := run(t.Context(), c, []Level{Landlock})
	if want := "its disk has 1258291200 bytes less than when it began, more than 1073741824"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	root, err := os.OpenRoot(t.TempDir())
	check(t, err)
	defer func() { _ = root.Close() }()
	if n, ok := freeSpace(root); !ok || n <= 0 {
		t.Errorf("the disk of this test has %d bytes, %v", n, ok)
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(b []byte) (int, error) { return f(b) }

func TestSaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	c, _ := call(t, "")
	c.Self = filepath.Join(c.Dir, "none")
	_, err := run(t.Context(), c, levels())
	if !errors.Is(err, ErrUnconfined) || strings.Count(err.Error(), "no such file") != len(levels()) {
		t.Errorf("got %v, want it %d times", err, len(levels()))
	}
	if c.Allow = DigestOf(c.Kube); len(levels()) > 0 {
		if got, err := run(t.Context(), c, levels()); err != nil || got.Level != Unconfined {
			t.Errorf("allowed: got %v, %v", got.Level, err)
		}
	}
}
