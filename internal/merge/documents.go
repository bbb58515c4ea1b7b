package merge

import (
	"bytes"
)

// documents merges YAML files document by document. It is not ok for files that
// are no YAML, or in which an object occurs twice.
func documents(base, ours, theirs []byte) (data []byte, clashes []Clash, ok bool) {
	b, okB := split(base)
	o, okO := split(ours)
	t, okT := split(theirs)
	if !okB || !okO || !okT {
		return nil, nil, false
	}
	sameInAnyNamespace(b, o, t)
	var merged []document
	var within [][]Clash // of each document that stays, by its own lines
	for _, key := range order(keys(b), keys(o), keys(t)) {
		doc, more := one(b.get(key), o.get(key), t.get(key))
		if doc == nil {
			clashes = append(clashes, more...)
			continue
		}
		merged, within = append(merged, *doc), append(within, more)
	}
	data, starts := join(merged)
	for i, more := range within {
		for _, c := range more {
			c.Line += starts[i]
			clashes = append(clashes, c)
		}
	}
	return data, clashes, true
}

// stream are the documents of a file.
type stream []document

func (s stream) get(key string) *document {
	for i := range s {
		if s[i].key == key {
			return &s[i]
		}
	}
	return nil
}

func keys(s stream) []string {
	var all []string
	for _, d := range s {
		all = append(all, d.key)
	}
	return all
}

// sameInAnyNamespace takes the namespace from the keys of objects that no file has twice by kind
// and name: one that is given a namespace, or another one, is the same object.
func sameInAnyNamespace(files ...stream) {
	twice := map[string]bool{}
	for _, s := range files {
		seen := map[string]bool{}
		for _, d := range s {
			twice[d.anywhere()] = twice[d.anywhere()] || seen[d.anywhere()]
			seen[d.anywhere()] = true
		}
	}
	for _, s := range files {
		for i := range s {
			if !twice[s[i].anywhere()] {
				s[i].key = s[i].anywhere()
			}
		}
	}
}

// split cuts a file at its document markers.
func split(data []byte) (stream, bool) {
	var s stream
	current := document{}
	line := 0
	for text := range bytes.Lines(data) {
		line++
		if isMarker(text, "...") || text[0] == '%' {
			return nil, false
		}
		if isMarker(text, "---") && line > 1 {
			s = append(s, current)
			current = document{}
		}
		current.text = append(current.text, text...)
	}
	s = append(s, current)
	seen := map[string]bool{}
	for i := range s {
		if !s[i].parse() || seen[s[i].key] {
			return nil, false
		}
		seen[s[i].key] = true
	}
	return s, true
}

// one merges a document; nil is that there is none.
func one(base, ours, theirs *document) (*document, []Clash) {
	switch {
	case equal(base, theirs) || equal(ours, theirs):
		return ours, nil
	case equal(base, ours):
		return theirs, nil
	case ours == nil:
		return nil, []Clash{{Text: theirs.name() + ": you removed it, and the release changed it"}}
	case theirs == nil:
		return ours, []Clash{{Line: 1, Text: ours.name() + ": you changed it, and the release removed it"}}
	case base == nil:
		return ours, []Clash{{Line: 1, Text: ours.name() + ": you and the release added it, with different content"}}
	}
	text, clashes := fields(base, ours, theirs)
	return &document{text: text}, clashes
}

// join writes documents as a file, and says how many lines are before each.
func join(docs []document) (out []byte, starts []int) {
	for _, d := range docs {
		if len(out) > 0 {
			if out[len(out)-1] != '\n' {
				out = append(out, '\n')
			}
			if !isMarker(d.text, "---") {
				out = append(out, "---\n"...)
			}
		}
		starts = append(starts, bytes.Count(out, []byte("\n")))
		out = append(out, d.text...)
	}
	return out, starts
}
