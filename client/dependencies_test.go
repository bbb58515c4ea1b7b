package client

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kpm-sh/kpm/client/sitetest"
	"github.com/kpm-sh/kpm/internal/index"
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
func drawn(d *Dependency) string {
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

func TestDependencies(t *testing.T) {
	yanked := needing("nginx", "1.9.9")
	yanked.Change = func(r *index.Release) { r.Yanked = &index.Yanked{Reason: "broken"} }
	for name, c := range map[string]struct {
		published []*sitetest.Edition
		tree      string
		problem   string
	}{
		"none": {[]*sitetest.Edition{needing("a", "1.0.0")}, "a@1.0.0", ""},
		"no pre-release where a range does not ask for one": {
			[]*sitetest.Edition{needing("a", "1.0.0", "b ^1"), needing("b", "1.0.0"), needing("b", "1.1.0-rc.1")}, "a@1.0.0(b@1.0.0)", "",
		},
		"a pre-release where a range names it": {
			[]*sitetest.Edition{needing("a", "1.0.0", "b >=1.1.0-rc.1"), needing("b", "1.0.0"), needing("b", "1.1.0-rc.1")}, "a@1.0.0(b@1.1.0-rc.1)", "",
		},
		"a stable release before a pre-release, though the range admits both": {
			[]*sitetest.Edition{needing("a", "1.0.0", "b >=1, <=2.0.0-rc.1"), needing("b", "1.5.0"), needing("b", "2.0.0-rc.1")}, "a@1.0.0(b@1.5.0)", "",
		},
		"the newest in the specification's range": {
			[]*sitetest.Edition{
				needing("a", "1.0.0", "nginx 1.9 < x <= 1.10"), needing("nginx", "1.9.0"), needing("nginx", "1.9.5"), needing("nginx", "1.10.3"), yanked,
			},
			"a@1.0.0(nginx@1.9.5)", "",
		},
		"any": {[]*sitetest.Edition{needing("a", "1.0.0", "b"), needing("b", "1.0.0"), needing("b", "2.0.0-rc.1")}, "a@1.0.0(b@1.0.0)", ""},
		"further down, and twice": {
			[]*sitetest.Edition{
				needing("a", "1.0.0", "b", "c"), needing("b", "1.0.0", "d ^1"), needing("c", "1.0.0", "d >=1.1"),
				needing("d", "1.0.0"), needing("d", "1.2.0", "e"), needing("d", "2.0.0"), needing("e", "1.0.0"),
			},
			"a@1.0.0(b@1.0.0(d@1.2.0(e@1.0.0)) c@1.0.0(d@1.2.0^))", "",
		},
		"a choice that another one changes": {
			[]*sitetest.Edition{
				needing("a", "1.0.0", "b", "c"), needing("b", "1.0.0"), needing("b", "2.0.0", "gone"), needing("c", "1.0.0", "b ^1"),
				needing("gone", "1.0.0"),
			},
			"a@1.0.0(b@1.0.0 c@1.0.0(b@1.0.0))", "",
		},
		"none in the range": {
			[]*sitetest.Edition{needing("a", "1.0.0", "b ^2"), needing("b", "1.0.0")},
			"a@1.0.0(b@)", "no release of b will do: a wants ^2; repository main has 1.0.0",
		},
		"ranges that do not go together": {
			[]*sitetest.Edition{
				needing("a", "1.0.0", "b", "c"), needing("b", "1.0.0", "d ^1"), needing("c", "1.0.0", "d ^2"), needing("d", "1.0.0"), needing("d", "2.0.0"),
			},
			"a@1.0.0(b@1.0.0(d@) c@1.0.0(d@))", "no release of d will do: b wants ^1, c wants ^2; repository main has 2.0.0, 1.0.0",
		},
		"nobody has it": {[]*sitetest.Edition{needing("a", "1.0.0", "b")}, "a@1.0.0(b@)", `a needs b: there is no Kube "b"`},
		"no name":       {[]*sitetest.Edition{needing("a", "1.0.0", "../b")}, "a@1.0.0(../b@)", "a needs ../b: "},
		"no range": {
			[]*sitetest.Edition{needing("a", "1.0.0", "b new"), needing("b", "1.0.0")},
			"a@1.0.0(b@1.0.0)", "a wants a range of b that cannot be read: ",
		},
		"itself": {[]*sitetest.Edition{needing("a", "1.0.0", "a")}, "a@1.0.0(a@!)", "a cycle: a needs a"},
		"a cycle above": {
			[]*sitetest.Edition{needing("a", "1.0.0", "b"), needing("b", "1.0.0", "c"), needing("c", "1.0.0", "a")},
			"a@1.0.0(b@1.0.0(c@1.0.0(a@!)))", "a cycle: a needs b needs c needs a",
		},
		"a cycle below": {
			[]*sitetest.Edition{needing("a", "1.0.0", "b"), needing("b", "1.0.0", "c"), needing("c", "1.0.0", "b")},
			"a@1.0.0(b@1.0.0(c@1.0.0(b@!)))", "a cycle: b needs c needs b",
		},
		"newest choices that refuse each other": {
			[]*sitetest.Edition{
				needing("a", "1.0.0", "b", "c"), needing("b", "2.0.0", "d ^1"), needing("b", "1.0.0"),
				needing("c", "1.0.0", "d"), needing("d", "2.0.0"), needing("d", "1.0.0", "b ^1"),
			},
			"a@1.0.0(b@1.0.0 c@1.0.0(d@1.0.0(b@1.0.0)))", "",
		},
		"no choice fits all": {
			[]*sitetest.Edition{
				needing("a", "1.0.0", "b", "c"), needing("b", "2.0.0", "c ^1"), needing("b", "1.0.0", "c ^2"),
				needing("c", "2.0.0", "b ^2"), needing("c", "1.0.0", "b ^1"),
			},
			"", "a cycle: b needs c needs b",
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := sitetest.New(t)
			s.Publish(c.published...)
			client := clientOf(t, s)
			update(t, client)
			root, err := client.Dependencies(t.Context(), Ref{Name: "a"}, false)
			must(t, err)
			if got := drawn(root); c.tree != "" && got != c.tree {
				t.Errorf("got %s, want %s", got, c.tree)
			}
			got := strings.Join(root.Problems(), "\n")
			if (got == "") != (c.problem == "") || !strings.HasPrefix(got, c.problem) && !strings.Contains(got, c.problem) {
				t.Errorf("problems: got %q, want %q", got, c.problem)
			}
		})
	}
}

// What is met already is not chosen, and what it would need is not asked for.
func TestDependenciesThatAreMet(t *testing.T) {
	s := sitetest.New(t)
	s.Publish(
		needing("a", "1.0.0", "b ^1", "c"), needing("b", "1.0.0", "d ^1"), needing("c", "1.0.0", "b ^2", "d"), needing("b", "2.0.0"), needing("d", "2.0.0"),
	)
	c := clientOf(t, s)
	update(t, c)
	root, err := c.dependant(t.Context(), Ref{Name: "a"}, false)
	must(t, err)
	solver := newSolver(c, root)
	solver.met = func(need index.Dependency) bool { return need.Name == "b" && need.Version == "^1" }
	must(t, solver.settle(t.Context()))
	tree := solver.tree()
	if got := drawn(tree); got != "a@1.0.0(c@1.0.0(b@2.0.0 d@2.0.0))" || len(tree.Problems()) > 0 {
		t.Errorf("got %s, problems %q", got, tree.Problems())
	}
}

// A dependency is looked for where its dependant comes from; that of a folder,
// anywhere.
func TestDependenciesOfRepositories(t *testing.T) {
	one, two := sitetest.New(t), sitetest.New(t)
	one.Publish(needing("a", "1.0.0", "b"), needing("b", "1.0.0"), needing("c", "1.0.0", "a", "b"))
	two.Publish(needing("a2", "1.0.0", "b"), needing("b", "2.0.0"))
	c := clientOf(t, one)
	must(t, c.Add(t.Context(), Repository{Alias: "two", Sources: []string{two.URL}, Pin: &two.Pin}))
	must(t, c.Update(t.Context(), "", func(Updated) {}))
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
			for _, need := range strings.Fields(d.needs) {
				meta += fmt.Sprintf("  - {name: %s}\n", need)
			}
			write(t, filepath.Join(dir, "K3.yaml"), meta)
			ref, err := ParseRef(d.ref)
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
	write(t, filepath.Join(co.Dir, "K3.yaml"), "name: a\nversion: 1.0.0\ndescription: mine\ndependencies: [{name: b}]\n")
	root, err := c.Dependencies(t.Context(), Ref{Name: "a"}, false)
	must(t, err)
	if got := drawn(root); got != "a@1.0.0(b@1.0.0)" || root.Dependencies[0].Repository != "main" {
		t.Errorf("got %s", got)
	}
	if diff := cmp.Diff([]string{"b"}, root.Names()); diff != "" {
		t.Errorf("names (-want +got):\n%s", diff)
	}
}
