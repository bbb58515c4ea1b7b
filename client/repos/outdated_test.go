package repos

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kpm-sh/kpm/internal/sitetest"
)

// Newer is what the repository of an installation has, by SemVer; no forged
// record is an error.
func TestOutdated(t *testing.T) {
	one := sitetest.New(t)
	one.Publish(sitetest.Release("a", "1.10.0"), sitetest.Release("b", "1.0.0"), sitetest.Release("old", "2.0.0"))
	one.Publish(sitetest.Gone("old", "nobody looks after it"))
	c := setOf(t, one)
	update(t, c)
	listed := func(name, version, repository string) Installed {
		return Installed{Namespace: "web", Name: name, Version: version, Repository: repository}
	}
	for name, l := range map[string]Installed{
		"the same":           listed("a", "1.10.0", one.Name),
		"something newer":    listed("a", "2.0.0-rc.1", one.Name),
		"gone":               listed("old", "1.0.0", one.Name),
		"never there":        listed("c", "1.0.0", one.Name),
		"another repository": listed("a", "1.9.0", "two"),
		"from a folder":      listed("a", "1.9.0", ""),
		"a forged version":   listed("a", "new", one.Name),
	} {
		got, err := c.Outdated([]Installed{l})
		if err != nil || len(got) != 0 {
			t.Errorf("%s: got %+v, %v", name, got, err)
		}
	}
	got, err := c.Outdated([]Installed{listed("a", "1.9.0", one.Name), listed("b", "1.0.0-rc.1", one.Name)})
	must(t, err)
	want := []Outdated{{"web", "a", "1.9.0", "1.10.0", "main", false}, {"web", "b", "1.0.0-rc.1", "1.0.0", "main", false}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("outdated (-want +got):\n%s", diff)
	}
}
