package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/kpm-sh/kpm/internal/images/registrytest"
	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/lint"
	"github.com/kpm-sh/kpm/internal/sitetest"
)

func TestMain(m *testing.M) {
	kpm := func() { os.Exit(process()) }
	testscript.Main(m, map[string]func(){"kpm": kpm, "kubectl-kpm": kpm})
}

// TestScript runs whole sessions. The first line of each says what it guards.
func TestScript(t *testing.T) {
	testscript.Run(t, params(t, "testdata/script"))
}

// params are those of the scripts in a folder.
func params(t *testing.T, dir string) testscript.Params {
	sites := &sites{t: t, byDir: map[string]*sitetest.Site{}}
	return testscript.Params{
		Dir:                 dir,
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("HOME", env.WorkDir)
			env.Setenv("KPM_HOME", filepath.Join(env.WorkDir, ".kpm"))
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"registry": func(ts *testscript.TestScript, _ bool, args []string) { startRegistry(t, ts, args) },
			"site":     sites.start, "publish": sites.publish, "answer": sites.answer, "drawn": sites.drawn, "grab": sites.grab, "code": code,
		},
	}
}

// startRegistry starts a registry that has an image under each reference, and sets
// $REGISTRY: registry m/docker.io/library/nginx:1.30 …; registry locked asks everybody
// who he is.
func startRegistry(t *testing.T, ts *testscript.TestScript, refs []string) {
	fake := registrytest.NewFake(t)
	if slices.Equal(refs, []string{"locked"}) {
		fake.Misbehave(func(w http.ResponseWriter, _ *http.Request) bool {
			w.Header().Set("WWW-Authenticate", `Basic realm="test"`)
			w.WriteHeader(http.StatusUnauthorized)
			return true
		})
		refs = nil
	}
	for i, ref := range refs {
		registrytest.Push(t, fake.Host+"/"+ref, registrytest.Image(t, int64(i), 1, 10))
	}
	ts.Setenv("REGISTRY", fake.Host)
}

// code runs a command and compares its exit code: code 3 kpm update
func code(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: code N COMMAND")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		if _, err := fmt.Sscanf(err.Error(), "exit status %d", &got); err != nil {
			ts.Fatalf("%v", err)
		}
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// sites are the repositories of the scripts, by the script's folder.
type sites struct {
	t     *testing.T
	byDir map[string]*sitetest.Site
}

func (s *sites) of(ts *testscript.TestScript) *sitetest.Site {
	return s.byDir[ts.Getenv("WORK")]
}

// start serves a repository with the Kubes of the specification and sets $URL
// and $PIN: site, or with a name of its own site NAME.
func (s *sites) start(ts *testscript.TestScript, _ bool, args []string) {
	site := sitetest.Named(s.t, append(args, "test")[0])
	site.Now = time.Now()
	site.Publish(specification()...)
	s.byDir[ts.Getenv("WORK")] = site
	ts.Setenv("URL", site.URL)
	ts.Setenv("PIN", site.Pin.String())
	ts.Setenv("SIGNER", fmt.Sprintf("ci (key %s)", site.Key.Public().Fingerprint()))
}

// drawn publishes again, with a web site and a packages repository: drawn SOURCE.
func (s *sites) drawn(ts *testscript.TestScript, _ bool, args []string) {
	site := s.of(ts)
	site.Change = func(h *index.Head) {
		h.SetSite(index.RefOf([]byte("pages")))
		ts.Check(h.SetAddresses("", args[0]))
	}
	site.Publish()
}

// publish publishes releases: publish hello@1.0.0; hostile@1.0.0 has hostile
// text in every field, ponycorn@1.0.0 needs nginx; gone=NAME makes a Kube go;
// yanked=NAME@V, revoked=NAME@V
// and withdrawn=NAME@V take a release back, restored=NAME@V takes back that; ./DIR is the Kube in that folder. $ARCHIVE is the digest of the last archive.
func (s *sites) publish(ts *testscript.TestScript, _ bool, args []string) {
	var editions []*sitetest.Edition
	for _, arg := range args {
		name, version, _ := strings.Cut(arg, "@")
		old, isGone := strings.CutPrefix(arg, "gone=")
		how, taken, isRecalled := strings.Cut(arg, "=")
		switch {
		case strings.HasPrefix(arg, "./"):
			editions = append(editions, folder(ts, arg))
		case isGone:
			editions = append(editions, sitetest.Gone(old, "taken away \x1b[31mfor good"))
		case isRecalled:
			editions = append(editions, recalled(ts, how, taken))
		case name == "hostile":
			editions = append(editions, hostile(version))
		case name == "ponycorn":
			editions = append(editions, ponycorn(version))
		default:
			editions = append(editions, sitetest.Release(name, version))
		}
	}
	s.of(ts).Publish(editions...)
	last := editions[len(editions)-1]
	if last.Version == "" {
		return
	}
	ts.Setenv("ARCHIVE", string(index.DigestOf(s.of(ts).Get(index.ArchivePath(last.Name, last.Version)))))
}

// recalled takes a release back.
func recalled(ts *testscript.TestScript, how, what string) *sitetest.Edition {
	name, version, _ := strings.Cut(what, "@")
	switch how {
	case "yanked", "revoked":
		return sitetest.Recalled(name, version, sitetest.Yank("it eats data", how == "revoked"))
	case "restored":
		return sitetest.Recalled(name, version, func(r *index.Release) { r.Yanked = nil })
	case "withdrawn":
		return sitetest.Recalled(name, version, func(r *index.Release) { r.Withdrawn = "it eats data" })
	}
	ts.Fatalf("usage: yanked=NAME@V, revoked=NAME@V, withdrawn=NAME@V or restored=NAME@V")
	return nil
}

// folder is the Kube in a folder of the script.
func folder(ts *testscript.TestScript, dir string) *sitetest.Edition {
	k, problems := kube.ReadDir(os.DirFS(ts.MkAbs(dir)), "")
	ts.Check(problems.Err())
	e := sitetest.Release(k.Name, k.Version.Original())
	e.Files = k.Files
	for _, need := range k.Dependencies {
		e.Record.Dependencies = append(e.Record.Dependencies, index.Dependency{Name: need.Name, Version: need.Version.String()})
	}
	facts, _ := lint.Kube(context.Background(), k)
	e.Record.Images = facts.Images
	e.Change = func(r *index.Release) {
		r.Dependencies = e.Record.Dependencies
		for i, ref := range facts.Images { // the first is resolved
			image := index.Image{Ref: ref}
			if i == 0 {
				image.Digest = "sha256:" + strings.Repeat("a", 64)
				image.Platforms = map[string]string{"linux/amd64": "sha256:" + strings.Repeat("b", 64), "linux/arm64/v8": "sha256:" + strings.Repeat("c", 64)}
			}
			r.Images = append(r.Images, image)
		}
	}
	return e
}

// answer makes the server answer a path with a status or a page: answer
// v1/index.json 500; without arguments it answers as it should.
func (s *sites) answer(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) == 0 {
		s.of(ts).Misbehave(nil)
		return
	}
	status, err := strconv.Atoi(args[1])
	ts.Check(err)
	s.of(ts).Misbehave(func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.HasPrefix(r.URL.Path, "/"+args[0]) {
			return false
		}
		w.WriteHeader(status)
		fmt.Fprint(w, "<html>Please log in</html>")
		return true
	})
}

// grab writes a published file: grab PATH FILE.
func (s *sites) grab(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: grab PATH FILE")
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), s.of(ts).Get(args[0]), 0o644))
}

// specification are the Kubes of the specification's sessions.
func specification() []*sitetest.Edition {
	built := time.Date(2015, 10, 21, 7, 28, 0, 0, time.UTC)
	var editions []*sitetest.Edition
	for _, k := range []struct{ name, version, description, home string }{
		{"etcd-standalone", "2.2.0-beta3", "etcd-standalone is a single Etcd instance (no cluster)", "https://github.com/coreos/etcd"},
		{"etcd-ha-cluster", "1.0.0", "an HA Etcd cluster (3+ pods)", ""},
		{"etcd-discovery", "1.0.0", "a single-pod Etcd service discovery server", ""},
		{"nginx-standard", "1.0.0", "nginx-standard is one nginx web server", ""},
	} {
		e := sitetest.Release(k.name, k.version)
		e.Record.Description, e.Record.Home, e.Record.Built = k.description, k.home, index.At(built)
		if k.name == "etcd-standalone" {
			e.Record.Provides = []string{"etcd-rc.yaml", "etcd-service.yaml"}
		}
		editions = append(editions, e)
	}
	return editions
}

// ponycorn needs nginx, as in the specification.
func ponycorn(version string) *sitetest.Edition {
	e := sitetest.Release("ponycorn", version)
	e.Record.Dependencies = []index.Dependency{{Name: "nginx", Version: "1.9 < x <= 1.10"}}
	e.Change = func(r *index.Release) { r.Dependencies = e.Record.Dependencies }
	return e
}

// nasty are characters that must not reach a terminal.
const nasty = "\nFAKE\t\x1b]0;x\x07\x1b[2J\u009b\u202e\u200b\u2028\ufeff\x7f"

func hostile(version string) *sitetest.Edition {
	e := sitetest.Release("hostile", version)
	bad := func(field string) string { return field + nasty }
	e.Record.Description, e.Record.Details, e.Record.Home = bad("description"), bad("details"), bad("home")
	e.Record.License, e.Record.Kubernetes, e.Record.KPM = bad("license"), bad("kubernetes"), bad("kpm")
	e.Record.Deprecated = bad("deprecated")
	e.Record.Maintainers, e.Record.Keywords, e.Record.Provides = []string{bad("maintainer")}, []string{bad("keyword")}, []string{bad("provides")}
	e.Record.Kinds, e.Record.Images, e.Record.Needs, e.Record.Tested = []string{bad("kind")}, []string{bad("image")}, []string{bad("needs")}, []string{bad("tested")}
	e.Record.Dependencies = []index.Dependency{{Name: bad("dependency"), Version: bad("range")}}
	e.Change = func(r *index.Release) {
		r.Yanked = &index.Yanked{Reason: bad("yanked")}
		r.KPM, r.Kubernetes, r.Needs = bad("kpm"), bad("kubernetes"), []string{bad("needs")}
	}
	return e
}

// Each control, bidi and zero-width character is shown as U+FFFD by every
// command; what goes to a program as JSON is whole.
func TestHostileText(t *testing.T) {
	site := sitetest.New(t)
	site.Now = time.Now()
	site.Publish(hostile("1.0.0"), sitetest.Release("old", "1.0.0"))
	site.Publish(sitetest.Gone("old", "reason"+nasty))
	home := t.TempDir()
	kpm := func(args ...string) string {
		out, code := runKPM(t, home, args...)
		t.Logf("kpm %s: exit %d", strings.Join(args, " "), code)
		return out
	}
	kpm("repo", "add", "main", site.URL, "--trust", site.Pin.String())
	for _, args := range [][]string{ // what somebody else wrote
		{"update"}, {"search"}, {"search", "hostile"}, {"info", "hostile"}, {"info", "hostile@1.0.0"}, {"info", "hostile", "--versions"},
		{"get", "hostile"}, {"get", "hostile@1.0.0"}, {"info", "old"}, {"repo", "list"}, {"repo", "show", "main"}, {"doctor"},
		{"template", "hostile"}, {"template", "old"}, {"deps", "hostile"}, {"install", "hostile", "--dry-run=client"},
	} {
		if out := kpm(args...); strings.Contains(out, "\nFAKE") {
			t.Errorf("kpm %q lets a text begin a line: %s", args, out)
		}
	}
	for _, args := range [][]string{
		{"update"}, {"search"}, {"search", "hostile"}, {"info", "hostile"}, {"info", "hostile@1.0.0"}, {"info", "hostile", "--versions"},
		{"get", "hostile"}, {"get", "hostile@1.0.0"}, {"info", "old"}, {"info", nasty}, {"search", nasty}, {"search", "kind:" + nasty}, {"search", nasty + ":x"},
		{"repo", "list"}, {"repo", "show", "main"}, {"repo", "show", nasty}, {"doctor"}, {nasty}, {"get", "./" + nasty}, {"lint", nasty},
		{"template", "hostile"}, {"template", "./" + nasty}, {"template", "hostile", "--set", nasty + "=x"}, {"template", "hostile", "-f", nasty},
		{"deps", "hostile"}, {"install", "hostile", "--dry-run=client"}, {"list", "--context", nasty}, {"uninstall", nasty},
		{"repo", "add", nasty, "https://example.com", "--trust", site.Pin.String()}, {"repo", "add", "x", "https://" + nasty, "--trust", site.Pin.String()},
	} {
		for i, r := range kpm(args...) {
			if r != '\n' && r != '\t' && !kube.PrintableRune(r) {
				t.Errorf("kpm %q prints %U at byte %d", args, r, i)
			}
		}
	}
	if got := kpm("info", "hostile", "-o", "json"); !strings.Contains(got, "description\\nFAKE\\t\\u001b]0;x\\u0007") || !strings.Contains(got, "\u202e") {
		t.Errorf("as JSON: got %q", got)
	}
}
