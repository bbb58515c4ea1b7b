package admit

import (
	"strconv"
	"strings"
)

// digitsOf are the characters of a text that are digits.
func digitsOf(s string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(decimals, r) {
			return r
		}
		return -1
	}, s)
}

const (
	decimals = "0123456789"
	blanks   = "\t\n\f\r "
)

// cards are how the numbers of credit cards begin, and how many digits they have then.
var cards = map[string][]int{
	"4":  {13, 16},
	"51": {16}, "52": {16}, "53": {16}, "54": {16}, "55": {16},
	"6011": {16}, "65": {16},
	"34": {15}, "37": {15},
	"300": {14}, "301": {14}, "302": {14}, "303": {14}, "304": {14}, "305": {14}, "36": {14}, "38": {14},
	"2131": {15}, "1800": {15}, "35": {16},
}

// card tells whether the digits of a text, whatever is between them, are the number of a
// credit card.
func card(s string) bool {
	number := digitsOf(s)
	known := false
	for n := 1; n <= 4 && n <= len(number); n++ {
		for _, length := range cards[number[:n]] {
			known = known || length == len(number)
		}
	}
	sum := 0
	for i := range len(number) {
		n := int(number[len(number)-1-i] - '0')
		if i%2 == 1 {
			n = n*2/10 + n*2%10
		}
		sum += n
	}
	return known && sum%10 == 0
}

// book is an ISBN without the blanks and dashes in it.
func book(s string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(blanks+"-", r) {
			return -1
		}
		return r
	}, s)
}

// isbn10 tells whether a text is an ISBN of ten digits; the last may be X, for ten.
func isbn10(s string) bool {
	s = book(s)
	if len(s) != 10 || digitsOf(s[:9]) != s[:9] || !strings.ContainsRune(decimals+"X", rune(s[9])) {
		return false
	}
	sum := 0
	for i := range s {
		sum += (i + 1) * strings.IndexByte(decimals+"X", s[i])
	}
	return sum%11 == 0
}

func isbn13(s string) bool {
	s = book(s)
	if len(s) != 13 || digitsOf(s) != s {
		return false
	}
	sum := 0
	for i := range s {
		sum += int(s[i]-'0') * (1 + i%2*2)
	}
	return sum%10 == 0
}

// ssn tells whether a text is three, two and four digits with dashes or blanks between them.
func ssn(s string) bool {
	if len(s) != 11 || !strings.ContainsRune("- ", rune(s[3])) || !strings.ContainsRune("- ", rune(s[6])) {
		return false
	}
	numbers := s[:3] + s[4:6] + s[7:]
	return digitsOf(numbers) == numbers
}

// rgb tells whether a text is a colour of three numbers from 0 to 255.
func rgb(s string) bool {
	inner, open := strings.CutPrefix(s, "rgb(")
	inner, closed := strings.CutSuffix(inner, ")")
	parts := strings.Split(inner, ",")
	if !open || !closed || len(parts) != 3 {
		return false
	}
	for _, part := range parts {
		part = strings.Trim(part, blanks)
		if n, err := strconv.ParseUint(part, 10, 8); err != nil || strconv.FormatUint(n, 10) != part {
			return false
		}
	}
	return true
}
