package site

import (
	_ "embed"
	"strings"

	"github.com/blevesearch/segment"
)

//go:embed stopwords.txt
var stopWordText string

// stopWords are the English words that descriptions are searched without, as
// in the catalog of kpm (https://snowballstem.org/algorithms/english/stop.txt).
var stopWords = func() map[string]bool {
	set := map[string]bool{}
	for word := range strings.FieldsSeq(stopWordText) {
		set[word] = true
	}
	return set
}()

// words splits a text as the catalog of kpm does: by the word boundaries of
// Unicode (UAX 29), in lower case.
func words(text string) []string {
	var list []string
	s := segment.NewWordSegmenterDirect([]byte(text))
	for s.Segment() {
		if s.Type() != segment.None {
			list = append(list, strings.ToLower(s.Text()))
		}
	}
	return list
}

// prose are the words that carry meaning.
func prose(text string) []string {
	var list []string
	for _, w := range words(text) {
		if !stopWords[w] {
			list = append(list, w)
		}
	}
	return list
}
