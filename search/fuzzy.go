package search

import (
	"unicode/utf8"

	"github.com/blevesearch/bleve/v2"
	"github.com/blevesearch/bleve/v2/search/query"
)

// similar matches a word as it is typed, or one that is a few letters off in a
// name or a keyword. Two letters in each other's place are one letter off.
func (b builder) similar(w term) query.Query {
	q := bleve.NewDisjunctionQuery(b.exact(w))
	if w.prefix {
		return q
	}
	q.AddQuery(off(w.text, nameField, 9))
	for _, in := range []struct {
		field  string
		weight float64
	}{{partsField, 3}, {keywordsField, 1}, {edgeField, 1}} {
		near := bleve.NewConjunctionQuery()
		for _, token := range tokens(b.words, w.text) {
			near.AddQuery(off(token, in.field, in.weight))
		}
		q.AddQuery(near)
	}
	return q
}

// longestTypo is how long a word may be, in bytes, and still be looked for by
// similar spelling: longer than any name, and far from what makes Bleve's
// automaton too large.
const longestTypo = 64

// off matches the words up to one letter away from token, or two where it is
// longer than six. The first letter must be right.
func off(token, field string, weight float64) query.Query {
	if len(token) > longestTypo {
		return bleve.NewMatchNoneQuery()
	}
	q := boost(bleve.NewFuzzyQuery(token), field, weight)
	q.SetPrefix(1)
	q.SetFuzziness(1)
	if utf8.RuneCountInString(token) > 6 {
		q.SetFuzziness(2)
	}
	return q
}
