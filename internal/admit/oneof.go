package admit

import "strings"

// exactlyOne refuses an object that has none, or more than one, of some fields.
func (f *faults) exactlyOne(at *path, o object, fields ...string) {
	f.atMostOne(at, o, fields...)
	for _, field := range fields {
		if o.filled(field) {
			return
		}
	}
	f.add(at, Required, "has none of %s", listed(fields))
}

func (f *faults) atMostOne(at *path, o object, fields ...string) {
	first := ""
	for _, field := range fields {
		switch {
		case !o.filled(field):
		case first == "":
			first = field
		default:
			f.add(at, Meaning, "has %s and %s, and may have one of them", first, field)
			return
		}
	}
}

// alone refuses fields that are there without what they belong to.
func (f *faults) without(at *path, o object, why string, fields ...string) {
	for _, field := range fields {
		if v, ok := o[field]; ok && v != nil && v != "" && !isEmpty(v) {
			f.add(at.field(field), Meaning, "is set, and %s", why)
		}
	}
}

func listed(words []string) string {
	text := ""
	for i, w := range words {
		switch {
		case i == 0:
			text = w
		case i == 5 && len(words) > 6:
			return text + " …"
		default:
			text += ", " + w
		}
	}
	return text
}

// maxListed is how many words are told that something may be.
const maxListed = 12

// oneOf refuses a word that is none of some.
func (f *faults) oneOf(at *path, s string, words []string) {
	for _, word := range words {
		if strings.EqualFold(word, s) {
			f.add(at, Words, "is %s: write %s", short(s), word)
			return
		}
	}
	text := strings.Join(words[:min(len(words), maxListed)], ", ")
	if len(words) > maxListed {
		text += " …"
	}
	f.add(at, Words, "is %s, and may be %s", short(s), text)
}

// union holds the fields of an object to the word that says which of them it has. Those
// of needed have to be there.
func (f *faults) union(at *path, o object, by string, members map[string]string, needed ...string) {
	word := o.text(by)
	if _, known := members[word]; !known {
		return // it is said to be missing, or no such word
	}
	for _, other := range sortedWords(members) {
		field := members[other]
		if other != word && field != "" && o.has(field) {
			f.add(at.field(field), Meaning, "is set, and %s is %s", by, word)
		}
	}
	for _, n := range needed {
		if n == word && !o.has(members[word]) {
			f.add(at.field(members[word]), Required, "is missing, and %s is %s", by, word)
		}
	}
}

func sortedWords(m map[string]string) []string {
	all := map[string]any{}
	for key := range m {
		all[key] = nil
	}
	return sorted(all)
}

// sized refuses a text that is too long.
func (f *faults) sized(at *path, s string, most int) {
	if len(s) > most {
		f.add(at, Format, "has %d characters, and at most %d are allowed", len(s), most)
	}
}

// oneWay refuses none and more than one of some ways.
func (f *faults) oneWay(at *path, said, ways []string) {
	switch len(said) {
	case 0:
		f.add(at, Required, "has none of %s", listed(ways))
	case 1:
	default:
		f.add(at, Meaning, "has %s and %s, and may have one of them", said[0], said[1])
	}
}
