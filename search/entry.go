package search

import (
	"strings"

	"github.com/kpm-sh/kpm/internal/index"
)

// entry is a line as Bleve gets it. The tags are the fields of the mapping.
type entry struct {
	Line        string   `json:"line"`
	Version     string   `json:"version"`
	Deprecated  string   `json:"deprecated"`
	Yanked      string   `json:"yanked"`
	Shown       string   `json:"shown"`
	Name        string   `json:"name"`
	Keyword     []string `json:"keyword"`
	Keywords    []string `json:"keywords"`
	Description string   `json:"description"`
	Details     string   `json:"details"`
	Kind        []string `json:"kind"`
	Image       []string `json:"image"`
	License     []string `json:"license"`
}

// shownTerm is the one term of shownField.
const shownTerm = "y"

// newEntry is the entry of a line: of a Kube that is gone the line alone, which
// no search can find.
func newEntry(l index.Line) entry {
	e := entry{Line: string(l.Raw)}
	if l.Gone != "" {
		return e
	}
	e.Version, e.Deprecated, e.Yanked = l.Version, l.Deprecated, l.Yanked
	e.Shown = shownTerm
	e.Name = l.Name
	e.Keyword, e.Keywords = lowerAll(l.Keywords), l.Keywords
	e.Description, e.Details = l.Description, l.Details
	e.Kind = lowerAll(l.Kinds)
	e.Image = imageTerms(l.Images)
	e.License = licenseTerms(l.License)
	return e
}

func lowerAll(list []string) []string {
	lower := make([]string, len(list))
	for i, s := range list {
		lower[i] = strings.ToLower(s)
	}
	return lower
}

// licenseTerms is what `license:` finds an SPDX expression by: the whole, and
// each identifier in it.
func licenseTerms(expression string) []string {
	lower := strings.ToLower(expression)
	set := termSet{}
	set.add(lower)
	for _, word := range strings.FieldsFunc(lower, func(r rune) bool { return strings.ContainsRune(" ()", r) }) {
		if word != "and" && word != "or" && word != "with" {
			set.add(word)
		}
	}
	return set.terms()
}
