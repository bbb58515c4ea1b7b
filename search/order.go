package search

import (
	"cmp"
	"slices"
	"strings"
)

// byRank orders hits by falling score, then by name. Scores are float32: Bleve
// adds the parts of a score in an order that hangs on where the documents lie,
// so that the last bits differ between equal catalogs.
func byRank(hits []Hit, scores []float32) {
	type ranked struct {
		hit   Hit
		score float32
	}
	all := make([]ranked, len(hits))
	for i := range hits {
		all[i] = ranked{hits[i], scores[i]}
	}
	slices.SortFunc(all, func(a, b ranked) int {
		return cmp.Or(cmp.Compare(b.score, a.score), strings.Compare(a.hit.Name, b.hit.Name))
	})
	for i := range all {
		hits[i] = all[i].hit
	}
}
