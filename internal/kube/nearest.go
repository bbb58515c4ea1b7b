package kube

import "strings"

// nearest is the word that takes the fewest edits from key, the first of equals.
func nearest(key string, words []string) string {
	best, fewest := "", -1
	if len(key) > MaxLine {
		key = key[:MaxLine]
	}
	for _, w := range words {
		if n := edits(strings.ToLower(key), strings.ToLower(w)); fewest < 0 || n < fewest {
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
		row[0] = i + 1
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
