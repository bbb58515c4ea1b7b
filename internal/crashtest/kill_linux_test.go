package crashtest_test

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/kpm-sh/kpm/internal/sharedtest"
)

// stage is a folder with packages, keys, a site and a user, as a script leaves it that
// begins with what another left.
type stage struct{ from, script string }

// release writes a release of pony.
func release(version string) string {
	return fmt.Sprintf("printf 'name: pony\\nversion: %s\\ndescription: A Kube to test with\\n' > packages/pony/K3.yaml\n", version)
}

const (
	build = `kpm-indexer build --out site --key keys/index.key`
	first = build + ` --trust trust --first`
	again = build + ` --trust trust`
	sign  = "kpm-indexer trust sign --key keys/trust.key\n"
)

var stages = map[string]stage{
	"packages": {"", `
mkdir -p packages/pony/manifests trust
printf 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: pony\n' > packages/pony/manifests/pony.yaml
kpm-indexer trust init --out keys --name acme
cp keys/1.json trust/
kpm-indexer trust show keys/1.json | sed -n 's/.*Pin: //p' > pin
` + release("1.0.0")},
	"published": {"packages", first + "\n" + release("1.1.0")},
	"added":     {"published", `kpm repo add acme "$PWD/site" --trust "$(cat pin)"`},
	"behind":    {"added", "kpm update\n" + build},
	"drafted":   {"behind", `kpm-indexer trust renew`},
	"signed":    {"drafted", sign},
	"renewed":   {"signed", `kpm-indexer trust publish`},
	"both":      {"renewed", again},
	"mirrored":  {"behind", "kpm mirror acme copy\n" + release("1.2.0") + build},
	"current":   {"behind", "kpm update"},
}

// operation is a command that keeps something on disk, and what has to hold when it was
// killed.
type operation struct {
	stage   string
	command string
	done    string // what the same command says then, if it was done when it was killed; "" is that it does it again
	killed  string // before anything is mended
	after   string // after the same command once more
}

// begins is a user who begins with what lies in a folder.
func begins(dir string) string {
	return `
export KPM_HOME=$PWD/late
kpm repo add late "$PWD/` + dir + `" --trust "$(cat pin)"
kpm update
kpm get late/pony@1.0.0 -y
rm -rf late
export KPM_HOME=$PWD/home
`
}

// sound is what a site always is.
var sound = "kpm-indexer audit site\n" + begins("site")

// clean is that nothing lies about.
const clean = `
left=$(find site copy home trust -name '.kpm-*' -o -name '*.part' 2>/dev/null || true); test -z "$left" || { echo "left behind: $left"; exit 1; }
`

// home is what a user has who was there: the catalog of before or the one after, whole.
const home = `
kpm search pony
kpm repo show acme
`

const healthy = home + `
kpm update
kpm get pony@1.1.0 -y
kpm doctor >out || true; ! grep '!!  repository' out
` + clean

var operations = map[string]operation{
	"the first build":    {"packages", first, "leave --first out", `test ! -e site/v1/index.json || kpm-indexer audit site`, sound + clean},
	"a build":            {"published", build, "", sound, sound + clean},
	"a build of nothing": {"behind", build, "", sound, sound + clean},
	"trust renew":        {"behind", "kpm-indexer trust renew", "trust/2.json.draft", sound, sign + "kpm-indexer trust publish\n" + again + "\n" + sound + clean},
	"trust sign":         {"drafted", sign, "has signed this draft already", sound, "kpm-indexer trust publish\n" + again + "\n" + sound + clean},
	"trust publish":      {"signed", "kpm-indexer trust publish", "draft", sound, again + "\n" + sound + clean},
	"a build with trust": {"renewed", again, "", sound, sound + clean},
	"gc":                 {"behind", "kpm-indexer gc site", "", sound, sound + clean},
	"restore":            {"behind", "kpm-indexer restore site --seq 9 --key keys/index.key", "above the 9 that was asked for", sound, sound + clean},
	"repo add":           {"published", `kpm repo add acme site --trust "$(cat pin)"`, "there is one of that name", `kpm repo list`, "kpm update\nkpm search pony\n" + clean},
	"repo set":           {"behind", "kpm repo set acme --images mirror.corp/acme", "", home, healthy},
	"the first update":   {"added", "kpm update", "", "kpm repo show acme", home + clean},
	"an update":          {"behind", "kpm update", "", home, healthy},
	"an update of trust": {"both", "kpm update", "", home, healthy},
	"get":                {"current", "kpm get pony@1.1.0 -y", "", home, healthy},
	"a mirror":           {"current", "kpm mirror acme copy", "", home, "kpm mirror verify copy\n" + clean},
	"a mirror again":     {"mirrored", "kpm mirror acme copy", "", begins("copy"), "kpm mirror verify copy\n" + clean},
}

// TestEveryWrite kills each operation before each of its changes of the file system in
// `make soak`; in `make test`, which has to judge the same code the same way each time,
// three of them before two.
func TestEveryWrite(t *testing.T) {
	sharedtest.Built(t, "../../bin/kpm", "run make build")
	programs := filepath.Dir(sharedtest.Built(t, "../../bin/kpm-indexer", "run make build"))
	w := walk{t: t, programs: programs, dir: t.TempDir(), stages: map[string]string{}}
	all, kills := 0, 0
	for _, name := range some() {
		o := operations[name]
		t.Run(name, func(t *testing.T) {
			w := w
			w.t = t
			changes, killed := w.kill(o, 0)
			if killed || changes == 0 {
				t.Fatalf("%d changes, killed: %v", changes, killed)
			}
			n := 0
			for _, before := range chosen(changes) {
				if _, killed := w.kill(o, before+1); killed {
					n++
				}
			}
			t.Logf("%d changes, %d kills", changes, n)
			all, kills = all+changes, kills+n
		})
	}
	t.Logf("%d of %d operations with %d changes of the file system, %d kills", len(some()), len(operations), all, kills)
}

// some are the operations that are killed.
func some() []string {
	if os.Getenv("KPM_SOAK") == "" {
		return []string{"a build with trust", "trust publish", "an update"}
	}
	return slices.Sorted(maps.Keys(operations))
}

// chosen are the changes before which an operation is killed.
func chosen(changes int) []int {
	if os.Getenv("KPM_SOAK") == "" {
		return []int{changes / 3, 2 * changes / 3}
	}
	all := make([]int, changes)
	for i := range all {
		all[i] = i
	}
	return all
}

// walk runs operations, each in a folder of its own.
type walk struct {
	t        *testing.T
	programs string            // a folder with both
	dir      string            // to work in
	stages   map[string]string // folders
}

// stage is the folder of a stage. Repositories are known by their paths, so all that is
// run is run in one place.
func (w walk) stage(name string) string {
	w.t.Helper()
	if dir := w.stages[name]; dir != "" {
		return dir
	}
	s := stages[name]
	if s.from == "" {
		w.must(os.RemoveAll(w.place()))
		w.must(os.Mkdir(w.place(), 0o755))
	} else {
		w.begin(s.from)
	}
	w.script(name, s.script)
	dir := filepath.Join(w.dir, "stage-"+name)
	w.must(os.Rename(w.place(), dir))
	w.stages[name] = dir
	return dir
}

// place is where everything is run.
func (w walk) place() string { return filepath.Join(w.dir, "run") }

// begin makes that place as a stage left it.
func (w walk) begin(stage string) {
	w.t.Helper()
	from := w.stage(stage)
	w.must(os.RemoveAll(w.place()))
	if out, err := exec.Command("cp", "-a", from, w.place()).CombinedOutput(); err != nil {
		w.t.Fatalf("%v: %s", err, out)
	}
}

func (w walk) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w walk) command(script string) *exec.Cmd {
	cmd := exec.CommandContext(w.t.Context(), "sh", "-euc", script)
	cmd.Dir = w.place()
	cmd.Env = append(os.Environ(), "PATH="+w.programs+":"+os.Getenv("PATH"), "HOME="+cmd.Dir, "KPM_HOME="+filepath.Join(cmd.Dir, "home"))
	return cmd
}

func (w walk) script(what, script string) {
	w.t.Helper()
	if out, err := w.command("set -x\n" + script).CombinedOutput(); err != nil {
		w.t.Fatalf("%s: %v\n%s", what, err, out)
	}
}

// kill runs an operation, kills it before its nth change, and checks what is left. 0 is no
// kill.
func (w walk) kill(o operation, nth int) (changes int, killed bool) {
	w.t.Helper()
	w.begin(o.stage)
	defer func() {
		if w.t.Failed() {
			w.t.Logf("killed before change %d of: %s", nth, o.command)
		}
	}()
	cmd := w.command("exec " + o.command)
	said, err := os.Create(filepath.Join(w.dir, "said"))
	w.must(err)
	defer said.Close() //nolint:errcheck // read elsewhere
	cmd.Stdout, cmd.Stderr = said, said
	changes, killed, err = killBefore(cmd, nth)
	if errors.Is(err, syscall.EPERM) {
		w.t.Skip("processes may not be followed here")
	}
	if err != nil {
		text, _ := os.ReadFile(said.Name())
		w.t.Fatalf("%v: %s", err, text)
	}
	w.script("what is left", o.killed)
	if nth > 0 {
		out, err := w.command(o.command).CombinedOutput()
		if err != nil && (o.done == "" || !strings.Contains(string(out), o.done)) {
			w.t.Fatalf("the same command again: %v: %s", err, out)
		}
	}
	w.script("after the same command again", o.after)
	return changes, killed
}
