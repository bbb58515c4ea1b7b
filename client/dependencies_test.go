package client

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kpm-sh/kpm/client/repos"
	"github.com/kpm-sh/kpm/client/solve"
	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/sharedtest"
	"github.com/kpm-sh/kpm/internal/sitetest"
)

// needing is a release that needs others: "name range".
func needing(name, version string, needs ...string) *sitetest.Edition {
	e := sitetest.Release(name, version)
	e.Change = func(r *index.Release) {
		for _, need := range needs {
			other, rng, _ := strings.Cut(need, " ")
			r.Dependencies = append(r.Dependencies, index.Dependency{Name: other, Version: rng})
		}
	}
	return e
}

// drawn is a tree in one line.
func drawn(d *solve.Dependency) string {
	text := d.Name + "@" + d.Version
	if d.Cycle {
		text += "!"
	}
	if d.Above {
		text += "^"
	}
	var below []string
	for _, child := range d.Dependencies {
		below = append(below, drawn(child))
	}
	if len(below) > 0 {
		text += "(" + strings.Join(below, " ") + ")"
	}
	return text
}

// A dependency is looked for where its dependant comes from; that of a folder,
// anywhere.
func TestDependenciesOfRepositories(t *testing.T) {
	one, two := sitetest.New(t), sitetest.New(t)
	one.Publish(needing("a", "1.0.0", "b"), needing("b", "1.0.0"), needing("c", "1.0.0", "a", "b"))
	two.Publish(needing("a2", "1.0.0", "b"), needing("b", "2.0.0"))
	c := clientOf(t, one)
	must(t, c.Repos.ConfigFile().Add(t.Context(), repos.Config{Alias: "two", Sources: []string{two.URL}, Pin: &two.Pin}))
	must(t, c.Repos.Update(t.Context(), "", func(repos.Updated) {}))
	dir, err := Create(t.TempDir(), "mine")
	must(t, err)
	for name, d := range map[string]struct{ ref, needs, want, problem string }{
		"the first":                {"a", "", "a@1.0.0(b@1.0.0)", ""},
		"the second":               {"a2", "", "a2@1.0.0(b@2.0.0)", ""},
		"a folder":                 {dir, "a", "mine@1.0.0(a@1.0.0(b@1.0.0))", ""},
		"a folder, ambiguous":      {dir, "b", "mine@1.0.0(b@)", "mine needs b: Kube b is in several repositories: main, two"},
		"a folder, of both":        {dir, "a a2", "mine@1.0.0(a@1.0.0(b@1.0.0) a2@1.0.0(b@1.0.0))", "a2 needs b of repository two, but another Kube needs it of main"},
		"a folder, first anywhere": {dir, "c a", "mine@1.0.0(c@1.0.0(a@1.0.0(b@1.0.0) b@1.0.0) a@1.0.0^)", ""},
	} {
		t.Run(name, func(t *testing.T) {
			meta := "name: mine\nversion: 1.0.0\ndescription: mine\ndependencies:\n"
			for need := range strings.FieldsSeq(d.needs) {
				meta += fmt.Sprintf("  - {name: %s}\n", need)
			}
			sharedtest.Write(t, filepath.Join(dir, "K3.yaml"), meta)
			ref, err := repos.ParseRef(d.ref)
			must(t, err)
			root, err := c.Dependencies(t.Context(), ref, false)
			must(t, err)
			if got := drawn(root); got != d.want {
				t.Errorf("got %s, want %s", got, d.want)
			}
			if got := strings.Join(root.Problems(), "\n"); got != d.problem {
				t.Errorf("problems: got %q, want %q", got, d.problem)
			}
		})
	}
}

// What a working copy needs comes from where the copy came from.
func TestDependenciesOfACopy(t *testing.T) {
	s := sitetest.New(t)
	s.Publish(needing("a", "1.0.0"), needing("b", "1.0.0"))
	c := clientOf(t, s)
	update(t, c)
	co, err := get(t, c, "a")
	must(t, err)
	sharedtest.Write(t, filepath.Join(co.Dir, "K3.yaml"), "name: a\nversion: 1.0.0\ndescription: mine\ndependencies: [{name: b}]\n")
	root, err := c.Dependencies(t.Context(), repos.Ref{Name: "a"}, false)
	must(t, err)
	if got := drawn(root); got != "a@1.0.0(b@1.0.0)" || root.Dependencies[0].Repository != "main" {
		t.Errorf("got %s", got)
	}
}
