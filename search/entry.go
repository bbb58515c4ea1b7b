package search

import (
	"slices"
	"strings"

	"github.com/kpm-sh/kpm/internal/index"
)

// entry is a line as Bleve gets it: texts by field, none of them empty, as
// Bleve would index those as a term.
type entry map[string]any

// shownTerm is the one term of shownField.
const shownTerm = "y"

// newEntry is the entry of a line: of a Kube that is gone the line alone, which
// no search can find.
func newEntry(l index.Line) entry {
	e := entry{lineField: string(l.Raw)}
	if l.Gone != "" {
		return e
	}
	e.set(shownField, shownTerm)
	e.set(nameField, l.Name)
	e.set(versionField, l.Version)
	e.set(descriptionField, l.Description)
	e.set(detailsField, l.Details)
	e.set(deprecatedField, l.Deprecated)
	e.set(yankedField, l.Yanked)
	e.set(keywordField, lowerAll(l.Keywords)...)
	e.set(keywordsField, l.Keywords...)
	e.set(kindField, lowerAll(l.Kinds)...)
	e.set(imageField, imageTerms(l.Images)...)
	e.set(licenseField, licenseTerms(l.License)...)
	e.set(testedField, testedTerms(l.Tested)...)
	return e
}

func (e entry) set(field string, texts ...string) {
	texts = slices.DeleteFunc(slices.Clone(texts), func(s string) bool { return s == "" })
	if len(texts) > 0 {
		e[field] = texts
	}
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

// testedTerms is what `tested:` finds versions of Kubernetes by: the whole, and the minor
// version.
func testedTerms(versions []string) []string {
	set := termSet{}
	for _, v := range versions {
		v = strings.ToLower(v)
		set.add(v)
		if strings.Count(v, ".") > 1 {
			set.add(v[:strings.LastIndexByte(v, '.')])
		}
	}
	return set.terms()
}
