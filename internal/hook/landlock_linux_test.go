package hook

import (
	"encoding/json"
	"testing"

	ll "github.com/landlock-lsm/go-landlock/landlock/syscall"

	"github.com/kpm-sh/kpm/internal/kube"
)

func marshalled(t *testing.T, c cell) []byte {
	t.Helper()
	text, err := json.Marshal(c)
	check(t, err)
	return text
}

// TestHandled has the rights of each version of Landlock, by their numbers in
// linux/landlock.h: the filter denies some of them first, and none may fall out.
func TestHandled(t *testing.T) {
	const files = 1<<13 - 1 // execute to make_sym
	for abi, want := range map[int]ll.RulesetAttr{
		0:  {},
		1:  {HandledAccessFS: files},
		2:  {HandledAccessFS: files | 1<<13},
		3:  {HandledAccessFS: files | 1<<13 | 1<<14},
		4:  {HandledAccessFS: files | 1<<13 | 1<<14, HandledAccessNet: 3},
		5:  {HandledAccessFS: 1<<16 - 1, HandledAccessNet: 3},
		6:  {HandledAccessFS: 1<<16 - 1, HandledAccessNet: 3, Scoped: 3},
		8:  {HandledAccessFS: 1<<16 - 1, HandledAccessNet: 3, Scoped: 3},
		9:  {HandledAccessFS: 1<<17 - 1, HandledAccessNet: 3, Scoped: 3},
		10: {HandledAccessFS: 1<<17 - 1, HandledAccessNet: 15, Scoped: 3},
	} {
		if got := handled(abi); got != want {
			t.Errorf("ABI %d: got %+v, want %+v", abi, got, want)
		}
	}
}

// TestMay has a hook do all that it may in its copy, with what it reads, and with
// the devices, at each level.
func TestMay(t *testing.T) {
	t.Parallel()
	for _, level := range levels() {
		t.Run(level.String(), func(t *testing.T) {
			t.Parallel()
			has(t, level)
			c, out := call(t, `
import os, stat
os.mkdir("a"); os.mkdir("b"); os.listdir("a")
open("a/f", "w").write("text"); os.rename("a/f", "b/g"); os.truncate("b/g", 2); open("b/g").read()
os.symlink("g", "b/link"); os.mkfifo("b/pipe"); os.mknod("b/socket", 0o600 | stat.S_IFSOCK); os.link("b/g", "b/hard")
for name in os.listdir("b"): os.remove("b/" + name)
os.rmdir("a"); os.rmdir("b")
os.listdir("/usr/lib"); open(os.__file__).read(); os.listdir(os.path.dirname(os.__file__))
open("/dev/null", "w").write("x"); open("/dev/zero", "rb").read(1); open("/dev/urandom", "rb").read(1); open("/dev/random", "rb").read(1)
with open(os.open("echo", os.O_WRONLY | os.O_CREAT, 0o755), "wb") as f: f.write(open("/bin/echo", "rb").read())
print("all", flush=True)
os.execv("./echo", ["echo", "and starts what it wrote"])
`)
			_, err := run(t.Context(), c, []Level{level})
			if want := "pony | all\npony | and starts what it wrote\n"; err != nil || out.String() != want {
				t.Errorf("got %v\n%s", err, out)
			}
		})
	}
}

// TestMayRead has a hook change what it may only read, at each level: what it wrote last
// time, which without mounts is a file of the user's own, and the files of its Python,
// which may be.
func TestMayRead(t *testing.T) {
	t.Parallel()
	for _, level := range levels() {
		t.Run(level.String(), func(t *testing.T) {
			t.Parallel()
			has(t, level)
			c, out := call(t, `
import os
before = os.environ["KUBE_PREVIOUS"] + "/made"
print(open(before).read(), flush=True)
def tries(path, changes):
    for change in changes:
        try:
            change(path)
            print("changed", path)
        except OSError:
            pass
# Nothing is lost of a Python that can be changed.
harmless = [lambda path: open(path, "r+"), lambda path: open(path, "a"), lambda path: os.truncate(path, os.path.getsize(path))]
tries(os.__file__, harmless)
tries(before, harmless + [lambda path: open(path + "2", "w"), lambda path: os.rename(path, path + "3"), os.remove])
`)
			c.Previous = []kube.File{{Path: "made", Data: []byte("before")}}
			_, err := run(t.Context(), c, []Level{level})
			if want := "pony | before\n"; err != nil || out.String() != want {
				t.Errorf("got %v\n%s", err, out)
			}
		})
	}
}
