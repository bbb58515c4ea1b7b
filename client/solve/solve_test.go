package solve

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/Masterminds/semver/v3"

	"github.com/kpm-sh/kpm/internal/index"
)

// release is one of a Kube.
type release struct {
	name string
	index.Release
}

// needing is a release that needs others: "name range".
func needing(name, version string, needs ...string) release {
	r := release{name, index.Release{Version: version}}
	for _, need := range needs {
		other, rng, _ := strings.Cut(need, " ")
		r.Dependencies = append(r.Dependencies, index.Dependency{Name: other, Version: rng})
	}
	return r
}

// published is a repository called main, the newest releases first.
type published []release

func (p published) Candidates(_ context.Context, alias, name string) (Candidates, error) {
	doc := &index.Document{Name: name}
	for _, r := range p {
		if r.name == name {
			doc.Releases = append(doc.Releases, r.Release)
		}
	}
	if len(doc.Releases) == 0 {
		return Candidates{Repository: alias, Missing: fmt.Sprintf("there is no Kube %q", name)}, nil
	}
	slices.SortFunc(doc.Releases, func(a, b index.Release) int {
		return semver.MustParse(b.Version).Compare(semver.MustParse(a.Version))
	})
	return Candidates{Repository: "main", Document: doc}, nil
}

// solveFor solves for the first of what is published.
func solveFor(all published, met func(index.Dependency) bool) (*Dependency, error) {
	root := all[0]
	return Solve(context.Background(), Kube{root.name, root.Version, "main", root.Dependencies}, all, met)
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

func TestSolve(t *testing.T) {
	yanked := needing("nginx", "1.9.9")
	yanked.Yanked = &index.Yanked{Reason: "broken"}
	for name, c := range map[string]struct {
		published []release
		tree      string
		problem   string
	}{
		"none": {[]release{needing("a", "1.0.0")}, "a@1.0.0", ""},
		"no pre-release where a range does not ask for one": {
			[]release{needing("a", "1.0.0", "b ^1"), needing("b", "1.0.0"), needing("b", "1.1.0-rc.1")}, "a@1.0.0(b@1.0.0)", "",
		},
		"a pre-release where a range names it": {
			[]release{needing("a", "1.0.0", "b >=1.1.0-rc.1"), needing("b", "1.0.0"), needing("b", "1.1.0-rc.1")}, "a@1.0.0(b@1.1.0-rc.1)", "",
		},
		"a stable release before a pre-release, though the range admits both": {
			[]release{needing("a", "1.0.0", "b >=1, <=2.0.0-rc.1"), needing("b", "1.5.0"), needing("b", "2.0.0-rc.1")}, "a@1.0.0(b@1.5.0)", "",
		},
		"the newest in the specification's range": {
			[]release{
				needing("a", "1.0.0", "nginx 1.9 < x <= 1.10"), needing("nginx", "1.9.0"), needing("nginx", "1.9.5"), needing("nginx", "1.10.3"), yanked,
			},
			"a@1.0.0(nginx@1.9.5)", "",
		},
		"any": {[]release{needing("a", "1.0.0", "b"), needing("b", "1.0.0"), needing("b", "2.0.0-rc.1")}, "a@1.0.0(b@1.0.0)", ""},
		"further down, and twice": {
			[]release{
				needing("a", "1.0.0", "b", "c"), needing("b", "1.0.0", "d ^1"), needing("c", "1.0.0", "d >=1.1"),
				needing("d", "1.0.0"), needing("d", "1.2.0", "e"), needing("d", "2.0.0"), needing("e", "1.0.0"),
			},
			"a@1.0.0(b@1.0.0(d@1.2.0(e@1.0.0)) c@1.0.0(d@1.2.0^))", "",
		},
		"a choice that another one changes": {
			[]release{
				needing("a", "1.0.0", "b", "c"), needing("b", "1.0.0"), needing("b", "2.0.0", "gone"), needing("c", "1.0.0", "b ^1"),
				needing("gone", "1.0.0"),
			},
			"a@1.0.0(b@1.0.0 c@1.0.0(b@1.0.0))", "",
		},
		"none in the range": {
			[]release{needing("a", "1.0.0", "b ^2"), needing("b", "1.0.0")},
			"a@1.0.0(b@)", "no release of b will do: a wants ^2; repository main has 1.0.0",
		},
		"all that fit were taken back": {
			[]release{needing("a", "1.0.0", "nginx ^1"), needing("nginx", "0.1.0"), yanked},
			"a@1.0.0(nginx@)", "no release of nginx will do: a wants ^1; repository main has 1.9.9 (yanked, so only who names it has it: broken), 0.1.0",
		},
		"ranges that do not go together": {
			[]release{
				needing("a", "1.0.0", "b", "c"), needing("b", "1.0.0", "d ^1"), needing("c", "1.0.0", "d ^2"), needing("d", "1.0.0"), needing("d", "2.0.0"),
			},
			"a@1.0.0(b@1.0.0(d@) c@1.0.0(d@))", "no release of d will do: b wants ^1, c wants ^2; repository main has 2.0.0, 1.0.0",
		},
		"nobody has it": {[]release{needing("a", "1.0.0", "b")}, "a@1.0.0(b@)", `a needs b: there is no Kube "b"`},
		"no name":       {[]release{needing("a", "1.0.0", "../b")}, "a@1.0.0(../b@)", "a needs ../b: "},
		"no range": {
			[]release{needing("a", "1.0.0", "b new"), needing("b", "1.0.0")},
			"a@1.0.0(b@1.0.0)", "a wants a range of b that cannot be read: ",
		},
		"itself": {[]release{needing("a", "1.0.0", "a")}, "a@1.0.0(a@!)", "a cycle: a needs a"},
		"a cycle above": {
			[]release{needing("a", "1.0.0", "b"), needing("b", "1.0.0", "c"), needing("c", "1.0.0", "a")},
			"a@1.0.0(b@1.0.0(c@1.0.0(a@!)))", "a cycle: a needs b needs c needs a",
		},
		"a cycle below": {
			[]release{needing("a", "1.0.0", "b"), needing("b", "1.0.0", "c"), needing("c", "1.0.0", "b")},
			"a@1.0.0(b@1.0.0(c@1.0.0(b@!)))", "a cycle: b needs c needs b",
		},
		"newest choices that refuse each other": {
			[]release{
				needing("a", "1.0.0", "b", "c"), needing("b", "2.0.0", "d ^1"), needing("b", "1.0.0"),
				needing("c", "1.0.0", "d"), needing("d", "2.0.0"), needing("d", "1.0.0", "b ^1"),
			},
			"a@1.0.0(b@1.0.0 c@1.0.0(d@1.0.0(b@1.0.0)))", "",
		},
		"no choice fits all": {
			[]release{
				needing("a", "1.0.0", "b", "c"), needing("b", "2.0.0", "c ^1"), needing("b", "1.0.0", "c ^2"),
				needing("c", "2.0.0", "b ^2"), needing("c", "1.0.0", "b ^1"),
			},
			"", "a cycle: b needs c needs b",
		},
	} {
		t.Run(name, func(t *testing.T) {
			root, err := solveFor(c.published, nil)
			if err != nil {
				t.Fatal(err)
			}
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

// What is met already is not chosen, and what it would need is not asked for. What
// is chosen comes before what needs it.
func TestSolveWithWhatIsMet(t *testing.T) {
	tree, err := solveFor(published{
		needing("a", "1.0.0", "b ^1", "c"), needing("b", "1.0.0", "d ^1"), needing("c", "1.0.0", "b >=1.5", "d"), needing("b", "1.6.0"), needing("b", "2.0.0"), needing("d", "2.0.0"),
	}, func(need index.Dependency) bool { return need.Name == "b" && need.Version == "^1" })
	if err != nil {
		t.Fatal(err)
	}
	if got := drawn(tree); got != "a@1.0.0(b@1.6.0 c@1.0.0(b@1.6.0 d@2.0.0))" || len(tree.Problems()) > 0 {
		t.Errorf("got %s, problems %q", got, tree.Problems())
	}
	var order []string
	for _, need := range tree.Order() {
		order = append(order, need.Name)
	}
	if got := strings.Join(order, " "); got != "b d c" {
		t.Errorf("order: got %s, want b d c", got)
	}
}
