package str

import (
	"strings"
	"unicode/utf8"

	"github.com/kpm-sh/kpm/internal/lazyregexp"
	"github.com/kpm-sh/kpm/internal/python"
	"github.com/kpm-sh/kpm/internal/python/letters"
)

// wordChunks cuts a line where it may be broken: before and after white space,
// after hyphens inside words, around dashes. Python's textwrap looks ahead and
// behind, which Go's patterns cannot; see hyphens.
var wordChunks = lazyregexp.New(`[\t\n\v\f\r ]+|[^\t\n\v\f\r ]+`)

// Wrap breaks a line so that no part is wider than width, as Python's textwrap
// does when it leaves white space as it is.
func Wrap(line string, width int, breakLong, onHyphens bool) ([]string, error) {
	if width <= 0 {
		return nil, python.Errorf("wordwrap needs a width of at least 1")
	}
	var chunks []string
	for _, c := range wordChunks().FindAllString(line, -1) {
		if onHyphens && strings.Trim(c, "\t\n\v\f\r ") != "" {
			chunks = append(chunks, hyphens(c)...)
		} else {
			chunks = append(chunks, c)
		}
	}
	w := &wrapping{chunks: chunks, width: width, breakLong: breakLong, onHyphens: onHyphens}
	for len(w.chunks) > 0 {
		w.line()
	}
	return w.lines, nil
}

func isBlank(s string) bool { return strings.TrimFunc(s, letters.IsSpace) == "" }

type wrapping struct {
	chunks    []string
	width     int
	breakLong bool
	onHyphens bool
	lines     []string
}

// line takes as many chunks as fit into one line.
func (w *wrapping) line() {
	if len(w.lines) > 0 && isBlank(w.chunks[0]) {
		w.chunks = w.chunks[1:]
	}
	var taken []string
	length := 0
	for len(w.chunks) > 0 {
		n := utf8.RuneCountInString(w.chunks[0])
		if length+n > w.width {
			break
		}
		taken, length = append(taken, w.chunks[0]), length+n
		w.chunks = w.chunks[1:]
	}
	if len(w.chunks) > 0 && utf8.RuneCountInString(w.chunks[0]) > w.width {
		taken = w.long(taken, length)
	}
	if len(taken) > 0 && isBlank(taken[len(taken)-1]) {
		taken = taken[:len(taken)-1]
	}
	if len(taken) > 0 {
		w.lines = append(w.lines, strings.Join(taken, ""))
	}
}

// long takes of a chunk that fits into no line.
func (w *wrapping) long(taken []string, length int) []string {
	space := w.width - length
	chunk := []rune(w.chunks[0])
	if w.breakLong {
		end := min(space, len(chunk))
		if w.onHyphens && len(chunk) > space {
			if hyphen := strings.LastIndex(string(chunk[:space]), "-"); hyphen > 0 && strings.Trim(string(chunk[:space])[:hyphen], "-") != "" {
				end = utf8.RuneCountInString(string(chunk[:space])[:hyphen]) + 1
			}
		}
		w.chunks[0] = string(chunk[end:])
		return append(taken, string(chunk[:end]))
	}
	if len(taken) == 0 {
		w.chunks = w.chunks[1:]
		return append(taken, string(chunk))
	}
	return taken
}

// hyphens cuts a word after each hyphen between letters, and around dashes of
// two and more hyphens.
func hyphens(word string) []string {
	runes := []rune(word)
	var out []string
	start := 0
	for i := 0; i < len(runes); i++ {
		if runes[i] != '-' {
			continue
		}
		end := i
		for end < len(runes) && runes[end] == '-' {
			end++
		}
		switch {
		case end-i >= 2 && i > 0 && isWordPart(runes[i-1]) && end < len(runes) && isWordRune(runes[end]):
			if i > start {
				out = append(out, string(runes[start:i]))
			}
			out = append(out, string(runes[i:end]))
			start = end
		case end-i == 1 && breaksAfter(runes, i):
			out = append(out, string(runes[start:end]))
			start = end
		}
		i = end - 1
	}
	if start < len(runes) {
		out = append(out, string(runes[start:]))
	}
	return out
}

func isWordRune(r rune) bool { return r == '_' || letters.IsAlnum(r) }
func isLetterRune(r rune) bool {
	return isWordRune(r) && !letters.IsDecimal(r)
}

func isWordPart(r rune) bool { return isWordRune(r) || strings.ContainsRune(`!"'&.,?`, r) }

// breaksAfter reports whether a line may be broken after the hyphen at i: two
// letters, or a letter, a hyphen and a letter, stand before it, and such after it.
func breaksAfter(runes []rune, i int) bool {
	letter := func(at int) bool { return at >= 0 && at < len(runes) && isLetterRune(runes[at]) }
	hyphen := func(at int) bool { return at >= 0 && at < len(runes) && runes[at] == '-' }
	before := letter(i-1) && letter(i-2) || letter(i-1) && hyphen(i-2) && letter(i-3)
	after := letter(i+1) && (letter(i+2) || hyphen(i+2) && letter(i+3))
	return before && after
}
