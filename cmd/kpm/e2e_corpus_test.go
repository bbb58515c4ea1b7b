package main

import (
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kpm-sh/kpm/client"
	"github.com/kpm-sh/kpm/internal/sharedtest"
	"github.com/kpm-sh/kpm/internal/words"
)

var update = flag.Bool("update", false, "write what becomes of the corpus into testdata, and docs/commands.md")

// publisher publishes folders of the corpus with the real indexer.
type publisher struct{ indexer, corpus, dir string }

func newPublisher(t *testing.T) publisher {
	t.Helper()
	p := publisher{
		indexer: sharedtest.Built(t, "../../bin/kpm-indexer", "run make build"),
		corpus:  sharedtest.Path(t, "corpus"),
		dir:     t.TempDir(),
	}
	p.index(t, "trust", "init", "--out", filepath.Join(p.dir, "keys"), "--name", "corpus")
	return p
}

func (p publisher) index(t *testing.T, args ...string) {
	t.Helper()
	if out, err := exec.CommandContext(t.Context(), p.indexer, args...).CombinedOutput(); err != nil {
		t.Fatalf("kpm-indexer %v: %v\n%s", args, err, out)
	}
}

// publish publishes a packages folder of the corpus.
func (p publisher) publish(t *testing.T, packages string) {
	t.Helper()
	p.index(t, p.build(packages)...)
}

// publishSome publishes what of a packages folder can be, and gives what is said of each
// Kube that is refused.
func (p publisher) publishSome(t *testing.T, packages string) map[string][]string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), p.indexer, append(p.build(packages), "--keep-going")...).CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	refused := map[string][]string{}
	for line := range strings.Lines(string(out)) {
		if _, problem, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "/packages/"); ok {
			kube, _, _ := strings.Cut(problem, "/")
			refused[kube] = append(refused[kube], problem)
		}
	}
	return refused
}

// build is the command line that publishes a packages folder of the corpus.
func (p publisher) build(packages string) []string {
	args := []string{"build", "--packages", filepath.Join(p.corpus, packages, "packages"), "--out", filepath.Join(p.dir, "site"), "--key", filepath.Join(p.dir, "keys", "index.key"), "--resolve-images=never"}
	if _, err := os.Stat(filepath.Join(p.dir, "site")); err != nil {
		args = append(args, "--first", "--trust", filepath.Join(p.dir, "keys"))
	}
	return args
}

// home is the home of somebody who pulls from what was published.
func (p publisher) home(t *testing.T) string {
	t.Helper()
	home := t.TempDir()
	for _, args := range [][]string{
		{"repo", "add", "corpus", "file://" + filepath.Join(p.dir, "site"), "--key", filepath.Join(p.dir, "keys", "index.key.pub")}, {"update"},
	} {
		if out, code := runKPM(t, home, args...); code != exitDone {
			t.Fatalf("kpm %v: exit code %d\n%s", args, code, out)
		}
	}
	return home
}

// Packages that other people wrote are installed until they are ready, stay as
// they are, and leave nothing behind. What a server of today cannot take is
// refused: testdata/corpus.txt says what becomes of each.
func TestE2ECorpus(t *testing.T) {
	sharedtest.Path(t, "corpus") // or skip
	controlPlane(t)
	verdicts := &verdicts{byKube: map[string]string{}}
	t.Run("of", func(t *testing.T) {
		for set, sessions := range map[string][][]string{
			"classic": each(t, "classic"),
			"modern":  {{"kube-prometheus-operator", "kube-prometheus"}, {"ingress-nginx"}, {"metallb"}, {"microservices-demo"}, {"podinfo"}},
		} {
			p := newPublisher(t)
			refused := p.publishSome(t, set)
			home := p.home(t)
			for _, kubes := range sessions {
				if said, ok := refused[kubes[0]]; ok {
					verdicts.byKube[set+"/"+kubes[0]] = "not published\n\t" + strings.Join(said, "\n\t")
					continue
				}
				t.Run(set+"/"+kubes[len(kubes)-1], func(t *testing.T) {
					t.Parallel()
					verdicts.live(t, newGuest(t, home), set, kubes)
				})
			}
		}
	})
	golden(t, "testdata/corpus.txt", verdicts.String())
}

// each has a session for each Kube of a set of the corpus.
func each(t *testing.T, set string) (sessions [][]string) {
	t.Helper()
	dirs, err := filepath.Glob(filepath.Join(sharedtest.Path(t, "corpus"), set, "packages", "*"))
	if err != nil || len(dirs) == 0 {
		t.Fatalf("%s has %d Kubes: %v", set, len(dirs), err)
	}
	for _, dir := range dirs {
		sessions = append(sessions, []string{filepath.Base(dir)})
	}
	return sessions
}

// verdicts are what became of each Kube, by name.
type verdicts struct {
	mu     sync.Mutex
	byKube map[string]string
}

// live takes Kubes through their life: each is installed after those before it,
// and goes before them.
func (v *verdicts) live(t *testing.T, g guest, set string, kubes []string) {
	t.Helper()
	for _, kube := range kubes {
		r := g.install(t, kube)
		v.note(set+"/"+kube, r, g.namespace)
		if r.Error != "" {
			g.nothing(t, kube)
			return
		}
		g.settled(t, kube)
	}
	for _, kube := range slices.Backward(kubes) {
		g.leave(t, kube)
	}
}

func (v *verdicts) note(kube string, r client.Report, namespace string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.byKube[kube] = words.Count(len(r.Objects), "object")
	if r.Error != "" {
		v.byKube[kube] = fmt.Sprintf("refused with exit code %d\n\t%s", r.ExitCode, strings.ReplaceAll(strings.ReplaceAll(r.Error, namespace, "NS"), "\n", "\n\t"))
	}
}

func (v *verdicts) String() string {
	var b strings.Builder
	for _, kube := range slices.Sorted(maps.Keys(v.byKube)) {
		fmt.Fprintf(&b, "%s: %s\n", kube, v.byKube[kube])
	}
	return b.String()
}

func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}
