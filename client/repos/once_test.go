package repos

import (
	"maps"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kpm-sh/kpm/internal/sitetest"
)

// Whatever a command asks of a repository, its trust documents are walked, its head
// is verified and its catalog is opened once.
func TestOnceACommand(t *testing.T) {
	s := sitetest.New(t)
	s.Publish(sitetest.Release("a", "1.0.0"), sitetest.Release("b", "1.0.0"))
	c := setOf(t, s)
	update(t, c)
	got := map[string]int{}
	c.onOpen = func(what string) { got[what]++ }
	for _, name := range []string{"a", "b"} {
		rel, err := c.Resolve(t.Context(), Ref{Name: name}, false)
		must(t, err)
		k, by, err := rel.Open(t.Context())
		if err != nil || k.Name != name || by.Repository != s.Name {
			t.Errorf("%s: got %v of %+v", name, err, by)
		}
	}
	if st, err := statusOf(c); err != nil || st.Err != nil || st.Kubes != 2 {
		t.Errorf("status: got %+v, %v", st, err)
	}
	if at, err := c.Signed(s.Name); err != nil || len(at) != 1 {
		t.Errorf("signed: got %v, %v", at, err)
	}
	c.Recalls(t.Context(), []Installed{{Namespace: "web", Name: "a", Version: "1.0.0", Repository: s.Name}})
	hits(t, c, "a")
	want := map[string]int{"trust": 1, "catalog": 1, "head": 1}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("opened (-want +got):\n%s", diff)
	}

	// After an update, and only then, it is another repository.
	clear(got)
	s.Publish(sitetest.Release("a", "2.0.0"))
	update(t, c)
	updating := maps.Clone(got)
	if found := hits(t, c, "a"); found != "a@2.0.0" {
		t.Errorf("after an update: got %s", found)
	}
	if got["catalog"] != updating["catalog"]+1 {
		t.Errorf("the catalog was opened %d times after the update, want once", got["catalog"]-updating["catalog"])
	}
}
