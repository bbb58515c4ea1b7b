package search_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/search"
)

func TestOpenWithoutCatalog(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "none")
	if _, err := (search.Store{Dir: dir}).Open(); !errors.Is(err, search.ErrNone) {
		t.Errorf("Open: %v, want %v", err, search.ErrNone)
	}
	if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Open made the folder")
	}
}

func TestReplaceKeepsLines(t *testing.T) {
	t.Parallel()
	lines := []index.Line{
		line(t, index.Record{Name: "redis", Rev: 3, Version: "1.0.0", Description: "a \"quoted\" <b>é世界</b> text"}),
		line(t, index.Record{Name: "etcd", Rev: 2, Gone: "moved away"}),
		{Raw: []byte(`{"rev":7,  "name":"consul","unknown":[1,{"a":null}],"version":"1.0.0"}`)},
	}
	if err := index.Decode(lines[2].Raw, &lines[2].Record); err != nil {
		t.Fatal(err)
	}
	cat := catalog(t, lines...)
	slices.SortFunc(lines, func(a, b index.Line) int { return strings.Compare(a.Name, b.Name) })
	var got []index.Line
	for l, err := range cat.Lines() {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, l)
	}
	if d := cmp.Diff(lines, got); d != "" {
		t.Errorf("Lines (-want +got):\n%s", d)
	}
	for _, want := range lines {
		got, ok, err := cat.Get(want.Name)
		if err != nil || !ok || string(got.Raw) != string(want.Raw) {
			t.Errorf("Get(%s) = %s, %v, %v", want.Name, got.Raw, ok, err)
		}
	}
	if _, ok, err := cat.Get("vault"); ok || err != nil {
		t.Errorf("Get(vault) = %v, %v", ok, err)
	}
	if cat.Len() != 2 {
		t.Errorf("Len = %d, want 2", cat.Len())
	}
}

func TestEmptyCatalog(t *testing.T) {
	t.Parallel()
	s := search.Store{Dir: t.TempDir()}
	replace(t, s, "empty")
	cat := open(t, s)
	if res := find(t, cat, "", 0); cat.Len() != 0 || res.Total != 0 || string(cat.State()) != "empty" {
		t.Errorf("Len = %d, found %v, state %s", cat.Len(), res, cat.State())
	}
	apply(t, s, "one", kube(t, "redis", 1, "a store"))
	if got := names(find(t, open(t, s), "", 0)); got != "redis" {
		t.Errorf("after Apply: %s", got)
	}
}

func TestReplaceRefused(t *testing.T) {
	t.Parallel()
	s := search.Store{Dir: t.TempDir()}
	replace(t, s, "old", kube(t, "redis", 1, "a store"))
	torn := errors.New("connection torn")
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	for name, c := range map[string]struct {
		ctx   context.Context
		lines []index.Line
		err   error
	}{
		"torn":      {context.Background(), nil, torn},
		"twice":     {context.Background(), []index.Line{kube(t, "a", 1, ""), kube(t, "a", 2, "")}, nil},
		"nameless":  {context.Background(), []index.Line{{Raw: []byte("{}")}}, nil},
		"cancelled": {cancelled, []index.Line{kube(t, "a", 1, "")}, nil},
	} {
		err := update(t, s, func(w *search.Writer) error {
			return w.Replace(c.ctx, func(yield func(index.Line, error) bool) {
				for _, l := range c.lines {
					if !yield(l, nil) {
						return
					}
				}
				if c.err != nil {
					yield(index.Line{}, c.err)
				}
			}, []byte("new"))
		})
		if err == nil || c.err != nil && !errors.Is(err, c.err) {
			t.Errorf("%s: Replace: %v", name, err)
		}
		if cat := open(t, s); string(cat.State()) != "old" {
			t.Errorf("%s: state is %s", name, cat.State())
		}
		checkTidy(t, s)
	}
}

func TestApplyRefused(t *testing.T) {
	t.Parallel()
	s := search.Store{Dir: t.TempDir()}
	err := update(t, s, func(w *search.Writer) error { return w.Apply(context.Background(), nil, nil) })
	if !errors.Is(err, search.ErrNone) {
		t.Errorf("Apply to nothing: %v", err)
	}
	replace(t, s, "old", kube(t, "redis", 1, "a store"))
	twice := []index.Line{kube(t, "a", 1, ""), kube(t, "a", 2, "")}
	err = update(t, s, func(w *search.Writer) error { return w.Apply(context.Background(), twice, nil) })
	if err == nil || open(t, s).Len() != 1 {
		t.Errorf("Apply of a name twice: %v", err)
	}
}

// TestApplyWithoutChanges guards the cheap answer to a 304.
func TestApplyWithoutChanges(t *testing.T) {
	t.Parallel()
	s := search.Store{Dir: t.TempDir()}
	replace(t, s, "1", kube(t, "redis", 1, "a store"))
	before, files := open(t, s), digests(t, s)
	apply(t, s, "2")
	if got := string(open(t, s).State()); got != "2" {
		t.Errorf("state is %s", got)
	}
	if got := string(before.State()); got != "1" {
		t.Errorf("state of the open catalog became %s", got)
	}
	after := digests(t, s)
	delete(files, "gen-1/state.json")
	delete(after, "gen-1/state.json")
	if d := cmp.Diff(files, after); d != "" {
		t.Errorf("other files changed (-before +after):\n%s", d)
	}
}

// TestApplyLeavesGeneration guards the rule that a published generation is never written to.
func TestApplyLeavesGeneration(t *testing.T) {
	t.Parallel()
	s := search.Store{Dir: t.TempDir()}
	lines := generated(t, 60)
	replace(t, s, "1", lines...)
	for i := range 12 {
		before := digests(t, s)
		apply(t, s, "n", kube(t, lines[i].Name, 2, "newer"))
		after := digests(t, s)
		current := fmt.Sprintf("gen-%d/", i+1)
		for path, sum := range before {
			if strings.HasPrefix(path, current) && after[path] != sum {
				t.Errorf("update %d: %s changed", i, path)
			}
		}
	}
}

// TestApplyAfterProgramUpdate guards that a generation of another mapping is
// read, and built anew even when no line changed.
func TestApplyAfterProgramUpdate(t *testing.T) {
	t.Parallel()
	s := search.Store{Dir: t.TempDir()}
	lines := generated(t, 10)
	replace(t, s, "1", lines...)
	seal := filepath.Join(s.Dir, "gen-1", "seal.json")
	b, err := os.ReadFile(seal)
	if err != nil {
		t.Fatal(err)
	}
	older := strings.Replace(string(b), `"mapping":2`, `"mapping":1`, 1)
	if err := os.WriteFile(seal, []byte(older), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := names(find(t, open(t, s), lines[0].Name, 1)); got != lines[0].Name {
		t.Errorf("before: %s", got)
	}
	apply(t, s, "2")
	b, err = os.ReadFile(filepath.Join(s.Dir, "gen-2", "seal.json"))
	if err != nil || !strings.Contains(string(b), `"mapping":2`) {
		t.Errorf("after: %s, %v", b, err)
	}
	if cat := open(t, s); string(cat.State()) != "2" || cat.Len() != len(lines) {
		t.Errorf("after: %d Kubes, state %s", cat.Len(), cat.State())
	}
}

func TestForeignFilesStay(t *testing.T) {
	t.Parallel()
	s := search.Store{Dir: t.TempDir()}
	for _, name := range []string{"floors.json", "trust/1.json", "gen-01/x", "gen-x/x", "gen-/x"} {
		path := filepath.Join(s.Dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(name), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	before := digests(t, s)
	for i := range 4 {
		replace(t, s, "x", kube(t, "redis", int64(i), "a store"))
	}
	after := digests(t, s)
	for path, sum := range before {
		if after[path] != sum {
			t.Errorf("%s is gone", path)
		}
	}
}

// TestUpdatesLikeMap makes random updates and compares with a map.
func TestUpdatesLikeMap(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(7, 7))
	s := search.Store{Dir: t.TempDir()}
	want := map[string]index.Line{}
	var first []index.Line
	for _, l := range generated(t, 120) {
		want[l.Name] = l
		first = append(first, l)
	}
	replace(t, s, "0", first...)
	for rev := int64(2); rev < int64(soak(14, 26)); rev++ {
		changed := map[string]index.Line{}
		for range r.IntN(5) {
			name := first[r.IntN(len(first))].Name
			if r.IntN(3) == 0 {
				name = fmt.Sprintf("new-%d", r.IntN(200))
			}
			l := kube(t, name, rev, fmt.Sprintf("revised%d in this update", rev))
			if r.IntN(4) == 0 {
				l = line(t, index.Record{Name: name, Rev: rev, Gone: "retired"})
			}
			changed[name], want[name] = l, l
		}
		apply(t, s, fmt.Sprint(rev), slices.Collect(maps.Values(changed))...)
		checkLike(t, open(t, s), want)
		checkTidy(t, s)
		if t.Failed() {
			t.Fatalf("at revision %d", rev)
		}
	}
}

func checkLike(t *testing.T, cat *search.Catalog, want map[string]index.Line) {
	t.Helper()
	lines, shown := map[string]index.Line{}, []string{}
	for l, err := range cat.Lines() {
		if err != nil {
			t.Fatal(err)
		}
		lines[l.Name] = l
		if l.Gone == "" {
			shown = append(shown, l.Name)
		}
	}
	if d := cmp.Diff(want, lines); d != "" {
		t.Errorf("lines (-want +got):\n%s", d)
	}
	listed, err := cat.Names(context.Background(), "", 0)
	if d := cmp.Diff(shown, listed); d != "" || err != nil {
		t.Errorf("Names: %v (-want +got):\n%s", err, d)
	}
	if got := find(t, cat, "", 0); got.Total != len(shown) || names(got) != strings.Join(shown, " ") || cat.Len() != len(shown) {
		t.Errorf("found %d of %d", got.Total, len(shown))
	}
}
