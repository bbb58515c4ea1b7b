package hook

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// TestLimits asks a hook for its limits at each level. They are written out here a
// second time; one that was lower already stays.
func TestLimits(t *testing.T) {
	t.Parallel()
	for _, level := range levels() {
		t.Run(level.String(), func(t *testing.T) {
			t.Parallel()
			has(t, level)
			c, out := call(t, `
import resource
for name in "CPU DATA AS FSIZE NOFILE CORE MSGQUEUE NPROC".split():
    print(name, *resource.getrlimit(getattr(resource, "RLIMIT_" + name)))
`)
			_, err := run(t.Context(), c, []Level{level})
			check(t, err)
			var want strings.Builder
			for _, limit := range []struct {
				name     string
				resource int
				most     int64
			}{
				{"CPU", unix.RLIMIT_CPU, 60},
				{"DATA", unix.RLIMIT_DATA, 1 << 30},
				{"AS", unix.RLIMIT_AS, 4 << 30},
				{"FSIZE", unix.RLIMIT_FSIZE, 64 << 20},
				{"NOFILE", unix.RLIMIT_NOFILE, 256},
				{"CORE", unix.RLIMIT_CORE, 0},
				{"MSGQUEUE", unix.RLIMIT_MSGQUEUE, 0},
				{"NPROC", unix.RLIMIT_NPROC, 32},
			} {
				var now unix.Rlimit
				check(t, unix.Getrlimit(limit.resource, &now))
				soft, hard := limit.most, limit.most
				switch {
				case limit.name == "NPROC" && level == Landlock: // counted with all of the user's
					soft, hard = int64(now.Cur), int64(now.Max)
				case now.Max < uint64(limit.most):
					soft, hard = int64(now.Max), int64(now.Max)
				}
				fmt.Fprintf(&want, "pony | %s %d %d\n", limit.name, soft, hard)
			}
			if got := out.String(); got != want.String() {
				t.Errorf("got\n%swant\n%s", got, &want)
			}
		})
	}
}

// TestLower takes a limit of this process that it does not need.
func TestLower(t *testing.T) {
	for _, step := range []struct{ to, want uint64 }{{4000, 4000}, {8000, 4000}, {1000, 1000}} {
		check(t, lower(unix.RLIMIT_MSGQUEUE, step.to))
		var now syscall.Rlimit
		check(t, syscall.Getrlimit(unix.RLIMIT_MSGQUEUE, &now))
		if want := (syscall.Rlimit{Cur: step.want, Max: step.want}); now != want {
			t.Errorf("lowered to %d: got %v, want %v", step.to, now, want)
		}
	}
}

// TestNoOrphan gives a process its orders of a kpm that is dead by then, before
// its death could be a signal: no hook begins. The control is one that lives.
func TestNoOrphan(t *testing.T) {
	t.Parallel()
	has(t, Landlock)
	runtime.LockOSThread() // the process dies with the thread that started it
	defer runtime.UnlockOSThread()
	for _, alive := range []bool{true, false} {
		c, _ := call(t, "print('it runs')")
		python, err := findPython(t.Context(), c.Python)
		check(t, err)
		copied, err := onDisk(t.TempDir(), c.Kube, nil)
		check(t, err)
		t.Cleanup(copied.close)
		s := &session{call: c, python: python, copied: copied}
		orders := marshalled(t, s.cell(Landlock))
		ends, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
		check(t, err)
		kpm, its := os.NewFile(uintptr(ends[0]), "kpm"), os.NewFile(uintptr(ends[1]), "hook")
		_, err = kpm.Write(orders)
		check(t, err)
		if alive {
			defer func() { _ = kpm.Close() }()
		} else {
			check(t, kpm.Close())
		}
		cmd := exec.Command(c.Self, entry)
		cmd.ExtraFiles = []*os.File{its}
		out, err := cmd.Output()
		check(t, its.Close())
		want := map[bool]string{true: "it runs\n"}[alive]
		if string(out) != want || (err == nil) != alive {
			t.Errorf("alive %v: got %q, %v, want %q", alive, out, err, want)
		}
	}
}
