package search

import (
	"fmt"
	"slices"
	"strings"
)

const (
	maxPattern = 1024 // bytes of a pattern
	maxTerms   = 32   // words and facets of a pattern
)

// facetNames are the words that may stand before a colon. Each is the name of
// its field, too.
func facetNames() []string {
	return []string{imageField, keywordField, kindField, licenseField, testedField}
}

// pattern is what is searched for: all of the words and all of the facets.
type pattern struct {
	words  []term
	facets []facet
}

// term is a word in lower case, or the beginning of one.
type term struct {
	text   string
	prefix bool
}

type facet struct {
	field string
	term
}

// parsePattern reads what a user typed. Anything but too long a pattern and a
// wrong facet is a pattern; the errors wrap ErrQuery.
func parsePattern(s string) (pattern, error) {
	var p pattern
	if len(s) > maxPattern {
		return p, fmt.Errorf("%w: more than %d bytes", ErrQuery, maxPattern)
	}
	fields := strings.Fields(strings.ToLower(strings.ToValidUTF8(s, "\uFFFD")))
	if len(fields) > maxTerms {
		return p, fmt.Errorf("%w: more than %d words", ErrQuery, maxTerms)
	}
	for _, field := range fields {
		name, value, isFacet := strings.Cut(field, ":")
		if !isFacet {
			p.words = append(p.words, parseTerm(field))
			continue
		}
		f, err := parseFacet(name, value)
		if err != nil {
			return pattern{}, err
		}
		p.facets = append(p.facets, f)
	}
	return p, nil
}

func parseFacet(name, value string) (facet, error) {
	if !slices.Contains(facetNames(), name) {
		return facet{}, fmt.Errorf("%w: unknown facet %q, known are %s", ErrQuery, name+":", strings.Join(facetNames(), ", "))
	}
	if value == "" {
		return facet{}, fmt.Errorf("%w: facet %q has no value", ErrQuery, name+":")
	}
	return facet{name, parseTerm(value)}, nil
}

func parseTerm(s string) term {
	text, prefix := strings.CutSuffix(s, "*")
	return term{text, prefix}
}
