package search_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/search"
)

// fixture is a catalog of the records in a file of testdata, and the archive.
func fixture(t testing.TB, name string) (*search.Catalog, *txtar.Archive) {
	t.Helper()
	ar, err := txtar.ParseFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	var lines []index.Line
	for raw := range strings.Lines(string(ar.Files[0].Data)) {
		l := index.Line{Raw: []byte(strings.TrimSpace(raw))}
		if err := index.Decode(l.Raw, &l.Record); err != nil {
			t.Fatalf("%s: %v", raw, err)
		}
		lines = append(lines, l)
	}
	return catalog(t, lines...), ar
}

// TestPatterns holds what each pattern finds, in this order: one "pattern →
// names" a line, "~" before names that are only similar.
func TestPatterns(t *testing.T) {
	t.Parallel()
	cat, ar := fixture(t, "patterns.txtar")
	for _, file := range ar.Files[1:] {
		for rule := range strings.Lines(string(file.Data)) {
			pattern, want, ok := strings.Cut(strings.TrimSpace(rule), "→")
			if !ok {
				t.Fatalf("%s: no rule: %s", file.Name, rule)
			}
			res := find(t, cat, pattern, 0)
			got := names(res)
			if res.DidYouMean {
				got = "~ " + got
			}
			if got != strings.TrimSpace(want) {
				t.Errorf("%s: %s → %s, want %s", file.Name, pattern, got, want)
			}
		}
	}
}

func TestWrongPatterns(t *testing.T) {
	t.Parallel()
	cat := catalog(t, kube(t, "redis", 1, "a store"))
	for pattern, want := range map[string]string{
		"foo:bar":                        `not a search pattern: unknown facet "foo:", known are image, keyword, kind, license, tested`,
		":bar":                           `not a search pattern: unknown facet ":", known are image, keyword, kind, license, tested`,
		"kind:":                          "not a search pattern: facet \"kind:\" has no value",
		strings.Repeat("a ", 33):         "not a search pattern: more than 32 words",
		strings.Repeat("a", 2000):        "not a search pattern: more than 1024 bytes",
		"redis description:store":        `not a search pattern: unknown facet "description:", known are image, keyword, kind, license, tested`,
		"https://example.org/redis kube": `not a search pattern: unknown facet "https:", known are image, keyword, kind, license, tested`,
	} {
		_, err := cat.Search(context.Background(), pattern, 10)
		if !errors.Is(err, search.ErrQuery) || err.Error() != want {
			t.Errorf("Search(%.40q): %v, want %s", pattern, err, want)
		}
	}
}

func TestHit(t *testing.T) {
	t.Parallel()
	r := index.Record{Name: "redis", Rev: 1, Version: "7.2.0", Description: "a store", Deprecated: "use valkey", Yanked: "broken"}
	want := []search.Hit{{Name: "redis", Version: "7.2.0", Description: "a store", Deprecated: "use valkey", Yanked: "broken"}}
	cat := catalog(t, line(t, r))
	for _, pattern := range []string{"", "redis", "redsi"} {
		if d := cmp.Diff(want, find(t, cat, pattern, 10).Hits); d != "" {
			t.Errorf("%q (-want +got):\n%s", pattern, d)
		}
	}
}

func TestLimit(t *testing.T) {
	t.Parallel()
	cat := catalog(t, kube(t, "c-db", 1, ""), kube(t, "a-db", 1, ""), kube(t, "b-db", 1, ""))
	for _, pattern := range []string{"", "db", "d*"} {
		for limit, want := range map[int]string{0: "a-db b-db c-db", 2: "a-db b-db", 9: "a-db b-db c-db"} {
			if res := find(t, cat, pattern, limit); names(res) != want || res.Total != 3 {
				t.Errorf("%q, %d: %s of %d, want %s of 3", pattern, limit, names(res), res.Total, want)
			}
		}
	}
}

// Of many hits with one score the first names are listed, wherever their lines
// came to lie in the catalog.
func TestLimitAmongEqualScores(t *testing.T) {
	t.Parallel()
	var lines []index.Line
	for i := range 200 {
		lines = append(lines, kube(t, fmt.Sprintf("kube-%03d", 199-i), 1, "a database"))
	}
	if got, want := names(find(t, catalog(t, lines...), "database", 3)), "kube-000 kube-001 kube-002"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// A catalog is built anew once more than a quarter of its lines were replaced.
func TestUpdatesThatBuildAnew(t *testing.T) {
	t.Parallel()
	for replaced, want := range map[int]int{10: 10, 11: 0} {
		s := search.Store{Dir: t.TempDir()}
		replace(t, s, "1", revised(t, 1)...) // 40 lines
		apply(t, s, "2", revised(t, 2)[:replaced]...)
		if seal := sealOf(t, s, "gen-2"); seal.Updated != want {
			t.Errorf("after %d of 40: got %d upserts, want %d", replaced, seal.Updated, want)
		}
	}
}

func TestNames(t *testing.T) {
	t.Parallel()
	s := search.Store{Dir: t.TempDir()}
	replace(t, s, "", append(generated(t, 20), kube(t, "redis", 1, ""), kube(t, "redis-ha", 1, ""), kube(t, "red", 1, ""))...)
	apply(t, s, "", line(t, index.Record{Name: "redis", Rev: 2, Gone: "moved"}))
	for _, c := range []struct {
		prefix string
		limit  int
		want   string
	}{
		{"red", 0, "red redis-ha"},
		{"red", 1, "red"},
		{"redis", 5, "redis-ha"},
		{"zzz", 5, ""},
	} {
		got, err := open(t, s).Names(context.Background(), c.prefix, c.limit)
		if err != nil || strings.Join(got, " ") != c.want {
			t.Errorf("Names(%q, %d) = %v, %v, want %s", c.prefix, c.limit, got, err, c.want)
		}
	}
}

// TestGoneIsNotFound guards both ways to be gone: from the first build on, and
// by an update.
func TestGoneIsNotFound(t *testing.T) {
	t.Parallel()
	gone := line(t, index.Record{Name: "redis", Rev: 2, Gone: "redis moved"})
	other := generated(t, 20)
	built, updated := search.Store{Dir: t.TempDir()}, search.Store{Dir: t.TempDir()}
	replace(t, built, "", append(other, gone)...)
	replace(t, updated, "", append(other, kube(t, "redis", 1, "a store"))...)
	apply(t, updated, "", gone)
	for _, s := range []search.Store{built, updated} {
		cat := open(t, s)
		for _, pattern := range []string{"redis", "red*", "redsi", "moved", "store"} {
			if res := find(t, cat, pattern, 0); res.Total != 0 {
				t.Errorf("Search(%q) found %s", pattern, names(res))
			}
		}
		if l, ok, err := cat.Get("redis"); !ok || err != nil || l.Gone != "redis moved" {
			t.Errorf("Get = %v, %v, %v", l, ok, err)
		}
	}
	apply(t, updated, "", kube(t, "redis", 3, "a store again"))
	if got := names(find(t, open(t, updated), "redis", 0)); got != "redis" {
		t.Errorf("after it came back: %s", got)
	}
}

// TestOrderIsDeterministic builds from the same lines in other orders.
func TestOrderIsDeterministic(t *testing.T) {
	t.Parallel()
	lines := generated(t, 300)
	first := catalog(t, lines...)
	r := rand.New(rand.NewPCG(1, 1))
	patterns := []string{"", word(3), word(5) + " " + word(9), word(20)[:2] + "*", "kind:service", lines[5].Name[1:]}
	for range 3 {
		r.Shuffle(len(lines), func(i, j int) { lines[i], lines[j] = lines[j], lines[i] })
		again := catalog(t, slices.Clone(lines)...)
		for _, p := range patterns {
			if d := cmp.Diff(find(t, first, p, 0), find(t, again, p, 0)); d != "" {
				t.Errorf("Search(%q) (-first +again):\n%s", p, d)
			}
		}
	}
}

func TestSearchCancelled(t *testing.T) {
	t.Parallel()
	cat := catalog(t, generated(t, 50)...)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := cat.Search(ctx, word(3), 10); !errors.Is(err, context.Canceled) {
		t.Errorf("Search: %v, want %v", err, context.Canceled)
	}
}

// FuzzSearch searches for anything: it is a pattern or an ErrQuery.
func FuzzSearch(f *testing.F) {
	for _, seed := range []string{
		"", "*", "redis", "red*", "redsi", "kind:statefulset", "image:postgres:17", "keyword:a*", "foo:bar",
		`+redis -store "quoted text" name:x^3 ~2 (a OR b) [1 TO 2] a\ b /re.*/`,
		"\x00\xff", "a-b-c*", "-", "the of", "İstanbul ſ K", strings.Repeat("abcdefgh", 100) + "*",
	} {
		f.Add(seed)
	}
	cat := catalog(f, append(generated(f, 20), kube(f, "redis", 1, "a store"))...)
	f.Fuzz(func(t *testing.T, pattern string) {
		res, err := cat.Search(context.Background(), pattern, 5)
		if err != nil && !errors.Is(err, search.ErrQuery) {
			t.Fatalf("Search(%q): %v", pattern, err)
		}
		if len(res.Hits) > 5 || res.Total < len(res.Hits) {
			t.Fatalf("Search(%q) = %v", pattern, res)
		}
	})
}
