package hook

import (
	"bytes"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kpm-sh/kpm/internal/kube"
)

// ownRoots are the levels at which a hook has a file system of its own.
func ownRoots() []Level {
	var own []Level
	for _, level := range levels() {
		if level != Landlock {
			own = append(own, level)
		}
	}
	return own
}

// TestFull has hooks that take more than a file system in memory gives, also
// where no name counts what they take.
func TestFull(t *testing.T) {
	t.Parallel()
	const full = ": its copy may hold 8388608 bytes and 200 files and folders, and is full"
	for name, test := range map[string]struct{ script, want string }{
		"bytes": {
			"for i in range(9):\n  open(str(i), 'wb').write(bytes(1 << 20))\n",
			"it ended with exit status 1: OSError at line 2 of scripts/pre-install.py" + full,
		},
		"bytes without a name": {
			"import os\nheld = []\nfor i in range(9):\n  held.append(open('a', 'wb', 0)); os.remove('a'); held[-1].write(bytes(1 << 20))\n",
			"it ended with exit status 1: OSError at line 4 of scripts/pre-install.py",
		},
		"folders": {
			"import os\nfor i in range(300): os.mkdir(str(i))\n",
			"it ended with exit status 1: OSError at line 2 of scripts/pre-install.py" + full,
		},
		"links": {
			"import os\nfor i in range(300): os.link('K3.yaml', str(i))\n",
			"it ended with exit status 1: OSError at line 2 of scripts/pre-install.py" + full,
		},
		"something else": {"raise ValueError\n", "it ended with exit status 1: ValueError at line 1 of scripts/pre-install.py"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, level := range ownRoots() {
				has(t, level)
				c, out := call(t, test.script)
				few := usualBounds()
				few.bytes, few.entries = 8<<20, 200
				c.bounds = &few
				if _, err := run(t.Context(), c, []Level{level}); err == nil || err.Error() != test.want {
					t.Errorf("%s: got %v, want %s\n%s", level, err, test.want, out)
				}
				isEmpty(t, c.Dir)
			}
		})
	}
}

// TestRoom is told how much a hook finds, and that it cannot change what it wrote
// last time.
func TestRoom(t *testing.T) {
	t.Parallel()
	for _, level := range ownRoots() {
		has(t, level)
		c, out := call(t, `
import os
for at in ".", os.environ["KUBE_PREVIOUS"]:
  s = os.statvfs(at)
  print(at, s.f_blocks * s.f_frsize, s.f_files, s.f_flag & os.ST_RDONLY, s.f_flag & os.ST_NOSUID, s.f_flag & os.ST_NODEV)
print(os.getcwd(), os.environ["HOME"], oct(os.stat(".").st_mode), os.stat(".").st_uid == os.getuid())
`)
		c.Previous = []kube.File{{Path: ValuesPath, Data: []byte("old: 1\n")}}
		if _, err := run(t.Context(), c, []Level{level}); err != nil {
			t.Fatal(err)
		}
		want := "pony | . 134217728 16384 0 2 4\npony | /previous 134217728 16384 1 2 4\npony | /kube /kube 0o40755 True\n"
		if got := out.String(); got != want {
			t.Errorf("%s: got\n%swant\n%s", level, got, want)
		}
	}
}

// TestLeavesTheDisk looks at the disk while a hook runs that has values of the
// user, and has written some.
func TestLeavesTheDisk(t *testing.T) {
	t.Parallel()
	for _, level := range ownRoots() {
		has(t, level)
		c, _ := call(t, "open('hook-values.yaml', 'w').write('password: hunter2')\nprint('written')\n")
		c.Previous = []kube.File{{Path: ValuesPath, Data: []byte("password: hunter1\n")}}
		var found []string
		c.Out = writerFunc(func(b []byte) (int, error) {
			if !bytes.Contains(b, []byte("written")) {
				return len(b), nil
			}
			return len(b), filepath.WalkDir(c.Dir, func(p string, e fs.DirEntry, err error) error {
				if err == nil && !e.IsDir() {
					found = append(found, e.Name())
				}
				return err
			})
		})
		got, err := run(t.Context(), c, []Level{level})
		if err != nil || string(got.Values) != "password: hunter2" {
			t.Errorf("%s: got %q, %v", level, got.Values, err)
		}
		if files := strings.Join(found, " "); files != lockName+" "+lockName {
			t.Errorf("%s: the disk holds %s", level, files)
		}
	}
}
