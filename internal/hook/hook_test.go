package hook

import (
	"bytes"
	"context"
	"embed"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"runtime/debug"
	"sync"
	"testing"

	"github.com/kpm-sh/kpm/internal/kube"
)

// TestMain lets the test binary be the program that confines itself.
func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == "run-hook-confined" {
		debug.SetGCPercent(1) // whatever the collector may do to what is held loosely, it does here
	}
	if code, ok := Main(os.Args); ok {
		os.Exit(code)
	}
	os.Exit(m.Run())
}

const ponyMeta = "name: pony\nversion: 1.2.3\ndescription: A pony\n"

// pony is a Kube whose hook is script.
func pony(script string) (*kube.Kube, error) {
	m, err := kube.ReadMeta([]byte(ponyMeta))
	return &kube.Kube{Meta: m, Files: []kube.File{
		{Path: "K3.yaml", Data: []byte(ponyMeta)},
		{Path: "manifests/a.yaml.tmpl", Data: []byte("kind: ConfigMap\n")},
		{Path: "scripts/pre-install.py", Data: []byte(script)},
	}}, err
}

// call is a run of script that nobody answers. Its output goes to out.
func call(t testing.TB, script string) (c Call, out *bytes.Buffer) {
	t.Helper()
	python, err := thePython()
	if err != nil {
		t.Skipf("there is no python3 here: %v", err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	k, err := pony(script)
	if err != nil {
		t.Fatal(err)
	}
	out = &bytes.Buffer{}
	return Call{
		Kube: k, Action: Install, Namespace: "meadow", Values: []byte(`{"color":"red"}`),
		Python: python, Self: self, Dir: t.TempDir(), Out: out,
	}, out
}

// thePython is the program behind python3, which may be a script of a version
// manager: best alone runs that.
var thePython = sync.OnceValues(func() (string, error) {
	python, err := findPython(context.Background(), Python())
	return python.Path, err
})

// allowed lets the hook of c run where nothing confines it.
func allowed(c Call) Call {
	c.Allow = DigestOf(c.Kube)
	return c
}

//go:embed testdata
var testdata embed.FS

// fixture is the text of a file of testdata. It is in the test binary, which
// runs as other users too.
func fixture(t testing.TB, name string) string {
	t.Helper()
	text, err := testdata.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// fixtures are the files in a folder of testdata.
func fixtures(t testing.TB, folder string) []string {
	t.Helper()
	names, err := fs.Glob(testdata, "testdata/"+folder+"/*")
	if err != nil || len(names) == 0 {
		t.Fatalf("testdata/%s: %v, %v", folder, names, err)
	}
	return names
}

// isEmpty makes sure that nothing is left in a folder.
func isEmpty(t testing.TB, dir string) {
	t.Helper()
	left, err := os.ReadDir(dir)
	if err != nil || len(left) > 1 || len(left) == 1 && left[0].Name() != lockName {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// tried remembers which levels can be had here.
var tried = struct {
	sync.Mutex
	levels map[Level]error
}{levels: map[Level]error{}}

// has skips the test if a level cannot be had here, and says why. In CI it
// fails if the system should have it.
func has(t testing.TB, level Level) {
	t.Helper()
	tried.Lock()
	defer tried.Unlock()
	err, known := tried.levels[level]
	if !known {
		c, _ := call(t, "")
		_, err = run(t.Context(), c, []Level{level})
		tried.levels[level] = err
	}
	switch {
	case err == nil:
	case !errors.Is(err, ErrUnconfined):
		t.Fatal(err)
	case os.Getenv("CI") != "" && offers(level):
		t.Fatalf("%s: this system offers it: %v", level, err)
	default:
		t.Skipf("%s: not here: %v", level, err)
	}
}

// bestLevel is the first level that can be had here.
func bestLevel(t testing.TB) Level {
	t.Helper()
	got, err := best()
	if err != nil {
		t.Fatal(err)
	}
	if got.Level == Unconfined {
		t.Skipf("nothing confines a hook here: %v", got.Missing)
	}
	return got.Level
}

var best = sync.OnceValues(func() (Result, error) {
	python, err := exec.LookPath("python3")
	if err != nil {
		return Result{Missing: err}, nil
	}
	self, err := os.Executable()
	if err != nil {
		return Result{}, err
	}
	dir, err := os.MkdirTemp("", "kpm-hook-test-")
	if err != nil {
		return Result{}, err
	}
	k, err := pony("")
	if err != nil {
		return Result{}, err
	}
	got, err := Run(context.Background(), allowed(Call{Kube: k, Python: python, Self: self, Dir: dir, Out: io.Discard}))
	return got, errors.Join(err, os.RemoveAll(dir))
})
