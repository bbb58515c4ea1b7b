package render

import (
	"maps"
	"slices"
	"strings"
)

// refuseRecursion refuses a macro that calls itself, also by way of others. The
// engine has one stack, and who exhausts it ends the process. Calls that cannot
// be seen here, of a macro that came in as a value, are counted while rendering.
func (s *source) refuseRecursion() error {
	calls, at := s.calls()
	for _, name := range slices.Sorted(maps.Keys(calls)) {
		if chain := chainTo(calls, name, name, map[string]bool{}); chain != nil {
			return s.errorf(at[name], "macro %q calls itself (%s): recursion is not allowed", name, strings.Join(append(chain, name), ", "))
		}
	}
	return nil
}

// calls are the macros that each macro calls by name, and where each starts.
func (s *source) calls() (map[string][]string, map[string]int) {
	calls, at := map[string][]string{}, map[string]int{}
	var inside []string
	for _, t := range s.tags {
		switch t.name {
		case "macro":
			name := ""
			if len(t.words) > 0 {
				name = t.words[0].text
			}
			inside = append(inside, name)
			calls[name], at[name] = append(calls[name], t.called(min(1, len(t.words)))...), t.from
		case "endmacro":
			inside = inside[:len(inside)-1]
		default:
			for _, name := range inside {
				calls[name] = append(calls[name], t.called(0)...)
			}
		}
	}
	return calls, at
}

// called are the names in a tag that a parenthesis follows.
func (t tag) called(from int) []string {
	var names []string
	for i := from; i+1 < len(t.words); i++ {
		if t.words[i].isWord() && t.words[i+1].text == "(" && (i == 0 || t.words[i-1].text != "." && t.words[i-1].text != "|") {
			names = append(names, t.words[i].text)
		}
	}
	return names
}

// chainTo is the way from a macro to one that it calls in the end, or nil. seen
// are the macros that were followed already.
func chainTo(calls map[string][]string, from, to string, seen map[string]bool) []string {
	seen[from] = true
	for _, next := range calls[from] {
		if next == to {
			return []string{from}
		}
		if calls[next] == nil || seen[next] {
			continue
		}
		if chain := chainTo(calls, next, to, seen); chain != nil {
			return append([]string{from}, chain...)
		}
	}
	return nil
}
