package search_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/search"
)

func TestExactNameIsFirst(t *testing.T) {
	t.Parallel()
	corpora(t, func(t *testing.T, lines []index.Line) {
		cat := catalog(t, lines...)
		for _, l := range lines {
			if got := names(find(t, cat, l.Name, 3)); strings.Fields(got)[0] != l.Name {
				t.Errorf("Search(%q) = %s", l.Name, got)
			}
		}
	})
}

// TestMisspelledNames counts how often the right name is among the first three
// when two neighbouring letters change places, or one is missing. It tries every
// sixth place in each name; all places give the same figures.
func TestMisspelledNames(t *testing.T) {
	t.Parallel()
	corpora(t, misspelledNames)
}

func misspelledNames(t *testing.T, lines []index.Line) {
	step := soak(6, 1)
	cat := catalog(t, lines...)
	taken := map[string]bool{}
	for _, l := range lines {
		taken[l.Name] = true
	}
	for kind, misspell := range map[string]func(name string, i int) string{
		"swapped": func(s string, i int) string { return s[:i] + s[i+1:i+2] + s[i:i+1] + s[i+2:] },
		"dropped": func(s string, i int) string { return s[:i] + s[i+1:] },
	} {
		tried, found := 0, 0
		var missed []string
		for n, l := range lines {
			for i := 1 + n%step; i+1 < len(l.Name); i += step {
				typo := misspell(l.Name, i)
				if typo == l.Name || taken[typo] {
					continue
				}
				tried++
				res := find(t, cat, typo, 3)
				if inFirst(res, l.Name) {
					found++
				} else {
					missed = append(missed, typo+"→"+names(res))
				}
			}
		}
		t.Logf("%s letters: the right name is in the first three in %d of %d (%.1f %%)", kind, found, tried, 100*float64(found)/float64(tried))
		if found*100 < tried*97 {
			t.Errorf("less than 97 %%; missed %s", strings.Join(missed, "\n"))
		}
	}
}

func inFirst(res search.Result, name string) bool {
	return slices.ContainsFunc(res.Hits, func(h search.Hit) bool { return h.Name == name })
}
