package render

import (
	"fmt"
	"strings"
)

// suggest is how a message goes on about a name that is not there: with the word
// that is spelled most like it, if one is at all.
func suggest(name string, words []string) string {
	near := nearest(name, words)
	if near == "" || len(name) > 64 || edits(strings.ToLower(name), strings.ToLower(near)) > 1+len(name)/3 {
		return ""
	}
	return fmt.Sprintf("; the nearest is %q", near)
}

// nearest is the word that takes the fewest edits from name, the first of
// equals, "" when there are none.
func nearest(name string, words []string) string {
	best, fewest := "", -1
	name = strings.ToLower(name[:min(len(name), 64)])
	for _, w := range words {
		if n := edits(name, strings.ToLower(w[:min(len(w), 64)])); fewest < 0 || n < fewest {
			best, fewest = w, n
		}
	}
	return best
}

// edits counts the bytes to insert, delete or replace that lead from a to b.
func edits(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0]++
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j+1]+1, row[j]+1)
		}
	}
	return row[len(b)]
}
