// Package journey walks packages all the way, the project's own and those that other
// people wrote, through the built binaries: check, build, serve, update, search, info,
// get.
//
// It needs `make build`, which in CI has to be there, and packages that other people
// wrote, in the folder that KPM_SHARED names. Where one is missing it skips and says
// so.
package journey

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kpm-sh/kpm/internal/sharedtest"
)

var update = flag.Bool("update", false, "rewrite golden files")

// stage is a repository and a user: keys, a site that is served, a home.
type stage struct {
	t          *testing.T
	dir        string
	kpm, index string
	env        []string
	url        string
}

func newStage(t *testing.T) *stage {
	t.Helper()
	s := &stage{
		t: t, dir: t.TempDir(),
		kpm:   sharedtest.Built(t, filepath.Join("..", "..", "bin", "kpm"), "run make build"),
		index: sharedtest.Built(t, filepath.Join("..", "..", "bin", "kpm-indexer"), "run make build"),
	}
	s.env = append(os.Environ(), "KPM_HOME="+filepath.Join(s.dir, "home"))
	s.must(s.index, "trust", "init", "--out", s.path("keys"), "--name", "corpus")
	return s
}

func (s *stage) path(name string) string { return filepath.Join(s.dir, name) }

// result is what a process left behind.
type result struct {
	out, err string
	code     int
}

func (s *stage) run(args ...string) result {
	s.t.Helper()
	cmd := exec.CommandContext(s.t.Context(), args[0], args[1:]...)
	cmd.Env = s.env
	var out, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &stderr
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		s.t.Fatal(err)
	}
	return result{out.String(), stderr.String(), cmd.ProcessState.ExitCode()}
}

func (s *stage) must(args ...string) result {
	s.t.Helper()
	r := s.run(args...)
	if r.code != 0 {
		s.t.Fatalf("%s: exit code %d\n%s%s", strings.Join(args, " "), r.code, r.out, r.err)
	}
	return r
}

// as is the same repository seen by another user.
func (s *stage) as(user string) *stage {
	other := *s
	other.env = append(slices.Clone(s.env), "KPM_HOME="+s.path("home-"+user))
	other.must(other.kpm, "repo", "add", "corpus", s.url, "--key", s.path("keys/index.key.pub"))
	return &other
}

// home is where this user's kpm keeps its things.
func (s *stage) home() string {
	home := ""
	for _, e := range s.env {
		if v, ok := strings.CutPrefix(e, "KPM_HOME="); ok {
			home = v
		}
	}
	return home
}

// publish builds a packages folder with --keep-going and gives the refusals,
// one a line.
func (s *stage) publish(packages string) []string {
	s.t.Helper()
	args := []string{s.index, "build", "--packages", packages, "--out", s.path("site"), "--key", s.path("keys/index.key"), "--keep-going", "--resolve-images=never"}
	if _, err := os.Stat(s.path("site")); err != nil {
		args = append(args, "--first", "--trust", s.path("keys"))
	}
	r := s.run(args...)
	var refused []string
	for line := range strings.Lines(r.err) {
		if path, ok := strings.CutPrefix(line, packages+"/"); ok {
			refused = append(refused, strings.TrimSpace(path))
		}
	}
	if (r.code != 0) != (len(refused) > 0) {
		s.t.Fatalf("build: exit code %d with %d refusals\n%s", r.code, len(refused), r.err)
	}
	return refused
}

// serve serves the site until the test ends.
func (s *stage) serve() {
	s.t.Helper()
	cmd := exec.Command(s.index, "serve", s.path("site"), "--listen", "127.0.0.1:0")
	out, err := cmd.StdoutPipe()
	if err != nil {
		s.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() {
		_ = cmd.Process.Signal(os.Interrupt)
		_ = cmd.Wait()
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		s.t.Fatal(err)
	}
	s.url = strings.TrimSpace(line)
}

// names are all Kubes that the user's catalog holds.
func (s *stage) names() []string {
	s.t.Helper()
	return strings.Fields(s.must(s.kpm, "search", "-o", "name", "--limit", "0").out)
}

// golden compares with testdata/name.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}

// TestCorpus: what cannot be published is refused with the right reason, the
// rest is found, described and byte-identical after get.
func TestCorpus(t *testing.T) {
	t.Parallel()
	root := sharedtest.Path(t, "corpus")
	sets := []string{"classic", "modern", "jinja", "upgrade-chain/01"}
	report := make([]string, len(sets))
	t.Run("sets", func(t *testing.T) {
		for i, set := range sets {
			t.Run(set, func(t *testing.T) {
				t.Parallel()
				packages := filepath.Join(root, filepath.FromSlash(set), "packages")
				s := newStage(t)
				refused := s.publish(packages)
				report[i] = fmt.Sprintf("# %s\n%s\n", set, strings.Join(append(refused, ""), "\n"))
				s.walk(packages, refused)
			})
		}
	})
	golden(t, "refusals.txt", strings.Join(report, ""))
}

// TestPackages walks the project's own Kubes, and beside them three that must be
// refused, each with its reason.
func TestPackages(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	packages := s.path("packages")
	if err := os.CopyFS(packages, os.DirFS(filepath.Join("..", "..", "packages"))); err != nil {
		t.Fatal(err)
	}
	const service = "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: a}\n"
	for name, files := range map[string]map[string]string{
		"misspelt": {"K3.yaml": "name: misspelt\nversion: 1.0.0\ndescription: A key is misspelt\nhomw: https://a.example\n", "manifests/a.yaml": service},
		"twice":    {"K3.yaml": "name: twice\nversion: 1.0.0\ndescription: An object is there twice\n", "manifests/a.yaml": service + "---\n" + service},
		"undefined": {
			"K3.yaml": "name: undefined\nversion: 1.0.0\ndescription: A value has no default\n", "manifests/a.yaml.tmpl": strings.Replace(service, "a}", "{{ nme }}}", 1), "values.yaml": "name: a\n",
		},
	} {
		for path, text := range files {
			path = filepath.Join(packages, name, filepath.FromSlash(path))
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	refused := s.publish(packages)
	want := []string{
		`misspelt/K3.yaml:4: unknown key "homw"; the nearest known key is "home"`,
		"twice/manifests/a.yaml:5: ServiceAccount a is there twice, first in manifests/a.yaml:1",
		`undefined/manifests/a.yaml.tmpl:3: "nme" is not defined; the nearest is "name"`,
	}
	if diff := cmp.Diff(want, refused); diff != "" {
		t.Errorf("refusals (-want +got):\n%s", diff)
	}
	s.walk(packages, refused)
}

// checkNames: what is there to be found is what was not refused.
func checkNames(t *testing.T, packages string, refused, got []string) {
	t.Helper()
	bad := map[string]bool{}
	for _, r := range refused {
		name, _, _ := strings.Cut(r, "/")
		name, _, _ = strings.Cut(name, ":")
		bad[name] = true
	}
	entries, err := os.ReadDir(packages)
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, e := range entries {
		if e.IsDir() && !bad[e.Name()] {
			want = append(want, e.Name())
		}
	}
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("names (-want +got):\n%s", diff)
	}
}

// walk serves what was published, looks at each Kube as a reader does, and audits the
// site.
func (s *stage) walk(packages string, refused []string) {
	s.t.Helper()
	s.serve()
	u := s.as("reader")
	u.must(u.kpm, "update")
	checkNames(s.t, packages, refused, u.names())
	names := u.names()
	u.must(append([]string{u.kpm, "get"}, names...)...)
	for _, name := range names {
		u.visit(filepath.Join(packages, name), name)
	}
	if r := s.run(s.index, "audit", s.path("site")); r.code != 0 {
		s.t.Errorf("audit: %s%s", r.out, r.err)
	}
}

// visit searches and describes one Kube, and compares every file of what get brought.
func (s *stage) visit(source, name string) {
	s.t.Helper()
	if hits := strings.Fields(s.must(s.kpm, "search", name, "-o", "name").out); len(hits) == 0 || hits[0] != name {
		s.t.Errorf("searching %s finds %v", name, hits)
	}
	if info := s.must(s.kpm, "info", name).out; !strings.Contains(info, "\tDescription: ") || !strings.Contains(info, "\tBuilt: ") {
		s.t.Errorf("info %s:\n%s", name, info)
	}
	if diff := cmp.Diff(tree(s.t, source), tree(s.t, filepath.Join(s.home(), name))); diff != "" {
		s.t.Errorf("%s after get (-source +got):\n%s", name, diff)
	}
}

// tree is every file below dir that is packed, by path.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		if strings.HasPrefix(d.Name(), ".") && rel != "." {
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		if d.IsDir() || rel == "releases.yaml" {
			return nil
		}
		data, err := os.ReadFile(path)
		files[rel] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// TestUpgradeChain: five releases of one Kube, one after another.
func TestUpgradeChain(t *testing.T) {
	t.Parallel()
	root := sharedtest.Path(t, "corpus")
	s := newStage(t)
	var u *stage
	for step := 1; step <= 5; step++ {
		if refused := s.publish(filepath.Join(root, "upgrade-chain", fmt.Sprintf("%02d", step), "packages")); len(refused) > 0 {
			t.Fatalf("step %d: %v", step, refused)
		}
		if u == nil {
			s.serve()
			u = s.as("reader")
		}
		u.must(u.kpm, "update")
		u.must(u.kpm, "get", "cloudnative-pg")
		u.visit(filepath.Join(root, "upgrade-chain", fmt.Sprintf("%02d", step), "packages", "cloudnative-pg"), "cloudnative-pg")
	}
	var info struct{ Releases []json.RawMessage }
	out := u.must(u.kpm, "info", "cloudnative-pg", "-o", "json").out
	if err := json.Unmarshal([]byte(out), &info); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if r := s.run(s.index, "audit", s.path("site")); r.code != 0 || !strings.Contains(r.err, "5 releases") {
		t.Errorf("audit: %s%s", r.out, r.err)
	}
}
