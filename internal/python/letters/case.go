package letters

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/language"
)

// IsASCII tells whether s has none but the letters of ASCII.
func IsASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// Upper is s in capitals, as Unicode maps whole texts: ß is SS.
func Upper(s string) string {
	if IsASCII(s) {
		return strings.ToUpper(s)
	}
	return cases.Upper(language.Und).String(s)
}

// Lower is s in small letters.
func Lower(s string) string {
	if IsASCII(s) {
		return strings.ToLower(s)
	}
	return cases.Lower(language.Und).String(s)
}

// Fold is str.casefold.
func Fold(s string) string {
	if IsASCII(s) {
		return strings.ToLower(s)
	}
	return cases.Fold().String(s)
}

// titled is a letter at the start of a word.
func titled(r rune) string {
	if t := unicode.ToTitle(r); t != r || r < 0x80 {
		return string(t)
	}
	upper := []rune(Upper(string(r)))
	return string(upper[:1]) + Lower(string(upper[1:]))
}

// Capitalize is s with its first letter as at the start of a word, all others
// small.
func Capitalize(s string) string {
	for i, r := range s {
		return titled(r) + Lower(s[i+len(string(r)):])
	}
	return s
}

// lowerAt is the letter at i in small: a sigma at the end of a word is ς.
func lowerAt(s string, i int, r rune) string {
	if r != 'Σ' {
		return Lower(string(r))
	}
	low := []rune(Lower(s))
	return string(low[utf8.RuneCountInString(s[:i])])
}

func isCased(r rune) bool {
	return unicode.IsUpper(r) || unicode.IsLower(r) || unicode.IsTitle(r) ||
		unicode.Is(unicode.Other_Lowercase, r) || unicode.Is(unicode.Other_Uppercase, r)
}

func isLower(r rune) bool { return unicode.IsLower(r) || unicode.Is(unicode.Other_Lowercase, r) }
func isUpper(r rune) bool { return unicode.IsUpper(r) || unicode.Is(unicode.Other_Uppercase, r) }

// Title is s with each run of letters as a word.
func Title(s string) string {
	var b strings.Builder
	cased := false
	for i, r := range s {
		if cased {
			b.WriteString(lowerAt(s, i, r))
		} else {
			b.WriteString(titled(r))
		}
		cased = isCased(r)
	}
	return b.String()
}

// SwapCase is str.swapcase.
func SwapCase(s string) string {
	var b strings.Builder
	for i, r := range s {
		switch {
		case isUpper(r):
			b.WriteString(lowerAt(s, i, r))
		case isLower(r):
			b.WriteString(Upper(string(r)))
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// IsLower reports whether s has letters with a case, and all of them are small.
func IsLower(s string) bool { return allCased(s, isLower) }

// IsUpper reports whether s has letters with a case, and all of them are capitals.
func IsUpper(s string) bool { return allCased(s, isUpper) }

func allCased(s string, is func(rune) bool) bool {
	found := false
	for _, r := range s {
		switch {
		case is(r):
			found = true
		case isCased(r):
			return false
		}
	}
	return found
}

// IsTitle is str.istitle.
func IsTitle(s string) bool {
	found, cased := false, false
	for _, r := range s {
		switch {
		case isUpper(r) || unicode.IsTitle(r):
			if cased {
				return false
			}
			found, cased = true, true
		case isLower(r):
			if !cased {
				return false
			}
		default:
			cased = false
		}
	}
	return found
}

// All reports whether s is not empty and of such letters alone.
func All(s string, is func(rune) bool) bool {
	for _, r := range s {
		if !is(r) {
			return false
		}
	}
	return s != ""
}

// IsDecimal are the digits of every script that numbers are written with.
func IsDecimal(r rune) bool { return unicode.Is(unicode.Nd, r) }

// IsDigitLike are digits, also raised and circled ones.
func IsDigitLike(r rune) bool {
	return IsDecimal(r) || strings.ContainsRune("²³¹⁰⁴⁵⁶⁷⁸⁹₀₁₂₃₄₅₆₇₈₉", r) || r >= 0x2460 && r <= 0x2468
}

// IsNumeric are all letters that stand for a number.
func IsNumeric(r rune) bool {
	return unicode.IsNumber(r) || strings.ContainsRune("一二三四五六七八九十百千万億兆零", r)
}

// IsIdentifier is str.isidentifier.
func IsIdentifier(s string) bool {
	for i, r := range s {
		if r != '_' && !unicode.IsLetter(r) && (i == 0 || !unicode.IsDigit(r) && !unicode.IsMark(r)) {
			return false
		}
	}
	return s != ""
}

// AsciiOnly escapes what is not ASCII.
func AsciiOnly(s string) string {
	var b strings.Builder
	for _, r := range s {
		if r < 0x80 {
			b.WriteRune(r)
		} else {
			b.WriteString(Escape(r))
		}
	}
	return b.String()
}

// Escape is a letter by its number, as Python writes it in a text.
func Escape(r rune) string {
	switch {
	case r < 0x100:
		return fmt.Sprintf(`\x%02x`, r)
	case r < 0x10000:
		return fmt.Sprintf(`\u%04x`, r)
	}
	return fmt.Sprintf(`\U%08x`, r)
}

// IsAlnum is str.isalnum of one letter.
func IsAlnum(r rune) bool { return unicode.IsLetter(r) || IsNumeric(r) || IsDigitLike(r) }

// IsSpace reports whether Python takes r for white space.
func IsSpace(r rune) bool { return unicode.IsSpace(r) || r >= 0x1c && r <= 0x1f }

// DecimalDigit is the value of a decimal digit of any script.
func DecimalDigit(r rune) (int, bool) {
	if r < 0x80 {
		return int(r - '0'), r >= '0' && r <= '9'
	}
	if !unicode.Is(unicode.Nd, r) {
		return 0, false
	}
	zero := r
	for r-zero < 9 && unicode.Is(unicode.Nd, zero-1) {
		zero--
	}
	return int(r-zero) % 10, true
}
