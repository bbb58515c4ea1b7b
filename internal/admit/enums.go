package admit

import "strings"

// enums are the enumerations of schemas by their first word, read once each: there may be
// many words, and many values that are held to them.
type enums map[*any]*enum

// enum is an enumeration.
type enum struct {
	known  map[string]bool   // by spelled
	folded map[string]string // texts by their lower case
	texts  []string
}

func (all enums) of(words []any) *enum {
	e := all[&words[0]]
	if e != nil {
		return e
	}
	e = &enum{known: map[string]bool{}, folded: map[string]string{}}
	for _, w := range words {
		e.known[spelled(w)] = true
		if text, ok := w.(string); ok {
			e.texts = append(e.texts, text)
			if lower := strings.ToLower(text); e.folded[lower] == "" {
				e.folded[lower] = text
			}
		}
	}
	all[&words[0]] = e
	return e
}

// spelled is the same for values that are the same, and "" for a mapping and a list, which
// are none of some words.
func spelled(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case string:
		return "text " + v
	case bool:
		if v {
			return "true"
		}
		return "false"
	}
	if n, ok := amount(v); ok {
		return "number " + n.RatString()
	}
	return ""
}
