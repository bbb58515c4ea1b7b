package lint

import (
	"bytes"
	"strings"
)

// TemplateLines finds the line of a template that gave a line of what it gives, as near as
// the text tells.
func TemplateLines(given, template []byte) func(line int) int { return originsOf(given, template).of }

// origins finds the lines of a template that gave the lines of what it gives, as near as
// the text tells.
type origins struct {
	given        []keyedLine
	alike, below []int               // how many before each line read the same, and have its keys
	lines        map[keyedLine][]int // of the template, ascending
	keys         map[string][]int    // the same by their keys alone
}

func originsOf(given, template []byte) origins {
	o := origins{given: keyed(given), lines: map[keyedLine][]int{}, keys: map[string][]int{}}
	lines, keys := map[keyedLine]int{}, map[string]int{}
	for _, l := range o.given {
		o.alike, o.below = append(o.alike, lines[l]), append(o.below, keys[l.keys])
		lines[l]++
		keys[l.keys]++
	}
	for i, l := range keyed(template) {
		o.lines[l], o.keys[l.keys] = append(o.lines[l], i+1), append(o.keys[l.keys], i+1)
	}
	return o
}

// of is the line that reads the same, else the one of the same key below the same keys,
// the nth for the nth; and 1 where neither is there.
func (o origins) of(line int) int {
	if line < 1 || line > len(o.given) {
		return 1
	}
	at := o.given[line-1]
	if same := o.lines[at]; len(same) > 0 {
		return same[min(o.alike[line-1], len(same)-1)]
	}
	if same := o.keys[at.keys]; len(same) > 0 {
		return same[min(o.below[line-1], len(same)-1)]
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
