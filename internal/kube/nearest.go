package kube

import "strings"

// Nearest is the word that takes the fewest edits from key, the first of
// equals, and how many those are. Case does not count. Without words it is "".
func Nearest(key string, words []string) (word string, edits int) {
	if len(key) > MaxLine {
		key = key[:MaxLine]
	}
	edits = -1
	for _, w := range words {
		if n := distance(strings.ToLower(key), strings.ToLower(w)); edits < 0 || n < edits {
			word, edits = w, n
		}
	}
	return word, edits
}

// distance counts the bytes to insert, delete or replace that lead from a to b.
func distance(a, b string) int {
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
