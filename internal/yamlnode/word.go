package yamlnode

import (
	"slices"
	"strconv"
	"strings"

	yaml11 "go.yaml.in/yaml/v2"
)

// Word is what Kubernetes reads where text stands in YAML without quotes and
// without a tag: nil, a bool, an int, an int64, a uint64, a float64, or text
// itself. Kubernetes reads YAML 1.1 (sigs.k8s.io/yaml), where no is false and
// 0644 is 420; the reader of our own files, which gives lines, does not.
func Word(text string) any {
	switch {
	case text == "":
		return nil
	case !mayBeNoText(text):
		return text
	}
	if n, ok := plainNumber(text); ok {
		return n
	}
	// Inside brackets nothing of such a text can mark a document or a list.
	var items []any
	if err := yaml11.Unmarshal([]byte("["+text+"]"), &items); err != nil || len(items) != 1 {
		return text
	}
	return items[0]
}

// mayBeNoText passes over what YAML 1.1 can only read as text.
func mayBeNoText(text string) bool {
	if isLetter(text[0]) {
		return len(text) <= len("false") && slices.Contains(wordsOf11, strings.ToLower(text))
	}
	if strings.IndexByte("+-.~0123456789", text[0]) < 0 {
		return false
	}
	return strings.IndexFunc(text, func(r rune) bool {
		return r >= 0x80 || !strings.ContainsRune("+-.~_", r) && !isLetterOrDigit(byte(r))
	}) < 0
}

// wordsOf11 are the words of letters that YAML 1.1 may read as something else than text.
var wordsOf11 = []string{"y", "yes", "n", "no", "true", "false", "on", "off", "null"}

// plainNumber is a whole number that every reader reads alike: few digits, and no 0 first.
func plainNumber(text string) (int, bool) {
	if len(text) > 9 || text[0] == '0' && len(text) > 1 || strings.Trim(text, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.Atoi(text)
	return n, err == nil
}

func isLetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }

func isLetterOrDigit(c byte) bool { return c >= '0' && c <= '9' || isLetter(c) }

// KeyWord is the key that Kubernetes makes of a word: text as it is, true, false, and
// numbers in the precision that sigs.k8s.io/yaml gives them. It reports false for a
// word that can be no key.
func KeyWord(text string) (string, bool) {
	switch v := Word(text).(type) {
	case string:
		return v, true
	case bool:
		return strconv.FormatBool(v), true
	case int:
		return strconv.Itoa(v), true
	case int64:
		return strconv.FormatInt(v, 10), true
	case float64:
		return strings.NewReplacer("+Inf", ".inf", "Inf", ".inf", "NaN", ".nan").Replace(strconv.FormatFloat(v, 'g', -1, 32)), true
	}
	return "", false
}
