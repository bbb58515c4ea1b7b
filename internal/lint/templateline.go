package lint

import (
	"bytes"
	"strings"
)

// origins finds the lines of a template that gave the lines of what it gives, as near as
// the text tells.
type origins struct{ given, template []keyedLine }

// of is the line that reads the same, else the one of the same key below the same keys,
// the nth for the nth; and 1 where neither is there.
func (o origins) of(line int) int {
	if line < 1 || line > len(o.given) {
		return 1
	}
	at := o.given[line-1]
	for _, same := range []func(keyedLine) bool{
		func(l keyedLine) bool { return l == at },
		func(l keyedLine) bool { return l.keys == at.keys },
	} {
		nth := 0
		for _, l := range o.given[:line] {
			if same(l) {
				nth++
			}
		}
		found := 0
		for i, l := range o.template {
			if same(l) && nth > 0 {
				found, nth = i+1, nth-1
			}
		}
		if found > 0 {
			return found
		}
	}
	return 1
}

// keyedLine is a line of YAML and the keys that lead to it, by its indentation.
type keyedLine struct{ keys, text string }

// keyed reads the lines of a text that is YAML, or a template of it. Lines with tags or
// comments alone have no keys.
func keyed(text []byte) []keyedLine {
	type level struct {
		indent int
		key    string
	}
	var above []level
	var lines []keyedLine
	for raw := range bytes.Lines(text) {
		line := strings.TrimRight(string(raw), " \t\r\n")
		rest := strings.TrimLeft(line, " ")
		indent := len(line) - len(rest)
		if rest == "" || strings.HasPrefix(rest, "{%") || strings.HasPrefix(rest, "{#") || strings.HasPrefix(rest, "#") {
			lines = append(lines, keyedLine{})
			continue
		}
		push := func(key string) {
			for len(above) > 0 && above[len(above)-1].indent >= indent {
				above = above[:len(above)-1]
			}
			above = append(above, level{indent, key})
		}
		for strings.HasPrefix(rest, "- ") {
			push("-")
			item := strings.TrimLeft(rest[2:], " ")
			indent += len(rest) - len(item)
			rest = item
		}
		key, _, ok := strings.Cut(rest, ":")
		if !ok {
			key = ""
		}
		push(key)
		var keys strings.Builder
		for _, l := range above {
			keys.WriteString(l.key + "\n")
		}
		lines = append(lines, keyedLine{keys.String(), line})
	}
	return lines
}
