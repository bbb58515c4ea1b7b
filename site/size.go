package site

import "html"

// weigh are the bytes of texts as HTML.
func weigh(texts ...string) int {
	n := 0
	for _, t := range texts {
		n += len(html.EscapeString(t))
	}
	return n
}

// first are at most the first n of a list.
func first[T any](list []T, n int) []T { return list[:min(n, len(list))] }

// cut is at most the first n characters of a text.
func cut(text string, n int) string {
	if runes := []rune(text); len(runes) > n {
		return string(runes[:n]) + "…"
	}
	return text
}
