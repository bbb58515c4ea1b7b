package search

import (
	"slices"
	"strings"

	"github.com/blevesearch/bleve/v2"
	"github.com/blevesearch/bleve/v2/analysis"
	"github.com/blevesearch/bleve/v2/search/query"
)

// Weights of a match, by where a word is found.
const (
	nameWeight        = 40
	partsWeight       = 8
	edgeWeight        = 4
	keywordsWeight    = 3
	descriptionWeight = 1.5
	detailsWeight     = 0.3
)

// builder turns a pattern into Bleve's queries. Every leaf is a term or a
// prefix of terms: there is no syntax left to be misread.
type builder struct {
	words, prose analysis.Analyzer
}

func newBuilder() (builder, error) {
	m, err := newMapping()
	if err != nil {
		return builder{}, err
	}
	return builder{m.AnalyzerNamed(wordsAnalyzer), m.AnalyzerNamed(proseAnalyzer)}, nil
}

// query finds the Kubes that each word and each facet matches, words as match
// says. Only words rank.
func (b builder) query(p pattern, match func(term) query.Query) query.Query {
	q := bleve.NewBooleanQuery()
	needed := b.significant(p.words)
	for _, word := range p.words {
		if needed(word) {
			q.AddMust(match(word))
		} else {
			q.AddShould(match(word))
		}
	}
	if len(p.words) > 1 {
		q.AddShould(boost(bleve.NewTermQuery(joined(p.words)), nameField, nameWeight))
	}
	if len(p.facets) > 0 {
		q.AddFilter(allFacets(p.facets))
	}
	return q
}

// significant tells words that must match from stop words ("database for
// kubernetes"), which need not, as descriptions are indexed without them. When
// there is nothing else they must.
func (b builder) significant(words []term) func(term) bool {
	carries := func(w term) bool { return w.prefix || len(tokens(b.prose, w.text)) > 0 }
	if slices.ContainsFunc(words, carries) {
		return carries
	}
	return func(term) bool { return true }
}

// joined spells words as one name: "cert manager" is cert-manager.
func joined(words []term) string {
	texts := make([]string, len(words))
	for i, w := range words {
		texts[i] = w.text
	}
	return strings.Join(texts, "-")
}

// exact matches a word as it is typed.
func (b builder) exact(w term) query.Query {
	if w.prefix && w.text == "" {
		return boost(bleve.NewTermQuery(shownTerm), shownField, 1)
	}
	words, prose := tokens(b.words, w.text), tokens(b.prose, w.text)
	q := bleve.NewDisjunctionQuery(
		leaf(w, nameField, nameWeight),
		all(words, w.prefix, partsField, partsWeight),
		all(words, w.prefix, keywordsField, keywordsWeight),
		all(prose, w.prefix, descriptionField, descriptionWeight),
		all(prose, w.prefix, detailsField, detailsWeight),
	)
	if !w.prefix {
		q.AddQuery(leaf(w, edgeField, edgeWeight))
	}
	return q
}

// all matches the texts that hold every token; with prefix the last token may
// go on. Without tokens it matches nothing.
func all(tokens []string, prefix bool, field string, weight float64) query.Query {
	if len(tokens) == 0 {
		return bleve.NewMatchNoneQuery()
	}
	last := len(tokens) - 1
	q := bleve.NewConjunctionQuery()
	for i, token := range tokens {
		q.AddQuery(leaf(term{token, prefix && i == last}, field, weight))
	}
	return q
}

func leaf(t term, field string, weight float64) query.Query {
	if t.prefix {
		return boost(bleve.NewPrefixQuery(t.text), field, weight)
	}
	return boost(bleve.NewTermQuery(t.text), field, weight)
}

func allFacets(facets []facet) query.Query {
	q := bleve.NewConjunctionQuery()
	for _, f := range facets {
		q.AddQuery(leaf(f.term, f.field, 1))
	}
	return q
}

// boost sets where a query looks, and the weight of what it finds.
func boost[Q interface {
	query.FieldableQuery
	query.BoostableQuery
}](q Q, field string, weight float64) Q {
	q.SetField(field)
	q.SetBoost(weight)
	return q
}

func tokens(a analysis.Analyzer, text string) []string {
	var list []string
	for _, t := range a.Analyze([]byte(text)) {
		list = append(list, string(t.Term))
	}
	return list
}
