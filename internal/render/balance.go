package render

import "slices"

// ends says how a tag that holds others ends.
var ends = map[string]string{
	"if": "endif", "for": "endfor", "macro": "endmacro", "call": "endcall", "with": "endwith",
	"filter": "endfilter", "block": "endblock", "raw": "endraw", "set": "endset", "autoescape": "endautoescape",
}

// single are the tags that hold nothing.
var single = []string{"include", "import", "from", "extends", "do", "break", "continue"}

// balance checks that every tag is known, is in its place and has its end, and
// notes the names that the source gives a value to.
func (s *source) balance() error {
	var open []tag
	for _, t := range s.tags {
		n := len(open)
		switch {
		case t.name == "":
		case (t.name == "break" || t.name == "continue") && !inLoop(open):
			return s.errorf(t.from, "%s is not inside a loop", t.name)
		case t.name == "extends" && n > 0:
			return s.errorf(t.from, "extends has to stand outside all other tags")
		case t.name == "set" && slices.ContainsFunc(t.words, func(w token) bool { return w.text == "=" }), slices.Contains(single, t.name):
		case ends[t.name] != "":
			open = append(open, t)
		case t.name == "else" || t.name == "elif":
			if n == 0 || open[n-1].name != "if" && (open[n-1].name != "for" || t.name == "elif") {
				return s.errorf(t.from, "%s is not inside an if", t.name)
			}
		case isEnd(t.name):
			if n == 0 {
				return s.errorf(t.from, "%s ends nothing", t.name)
			}
			if last := open[n-1]; ends[last.name] != t.name {
				return s.errorf(t.from, "%s does not end the %s of line %d", t.name, last.name, s.line(last.from))
			}
			open = open[:n-1]
		default:
			return s.errorf(t.from, "unknown tag %q%s", t.name, suggest(t.name, tagNames()))
		}
		if len(open) > MaxNesting {
			return s.errorf(t.from, "tags nest more than %d deep", MaxNesting)
		}
		s.names = append(s.names, t.assigned()...)
	}
	if n := len(open); n > 0 {
		return s.errorf(open[n-1].from, "%s has no %s", open[n-1].name, ends[open[n-1].name])
	}
	return nil
}

// inLoop reports whether the innermost tag that has a scope is a for.
func inLoop(open []tag) bool {
	for _, t := range slices.Backward(open) {
		switch t.name {
		case "for":
			return true
		case "macro", "call", "block", "filter", "set":
			return false
		}
	}
	return false
}

func isEnd(name string) bool {
	for _, end := range ends {
		if end == name {
			return true
		}
	}
	return false
}

func tagNames() []string {
	names := append([]string{"else", "elif"}, single...)
	for name, end := range ends {
		names = append(names, name, end)
	}
	slices.Sort(names)
	return names
}

// assigned are the names that the tag gives a value to.
func (t tag) assigned() []string {
	var names []string
	for i, w := range t.words {
		last := i+1 == len(t.words)
		switch {
		case !w.isWord():
		case t.name == "for" && w.text == "in":
			return names
		case t.name == "for", t.name == "macro" && (i == 0 || !last && t.words[i+1].text != "."):
			names = append(names, w.text)
		case t.name == "set" || t.name == "with":
			if i == 0 || !last && (t.words[i+1].text == "=" || t.words[i+1].text == ",") {
				names = append(names, w.text)
			}
		case (t.name == "import" || t.name == "from") && i > 0:
			names = append(names, w.text)
		}
	}
	return names
}
