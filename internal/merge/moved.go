package merge

import (
	"strings"
	"unicode"
)

// stays tells for each chunk of texts why ours stays there although it could be
// merged; "" where that is not so. A line that the release moved goes in one chunk and
// comes in another: both are taken, or none. One that both moved would be there twice.
func stays(chunks []chunk) []string {
	why, together := make([]string, len(chunks)), make([][]int, len(chunks))
	var refused []int
	for i, c := range chunks {
		if _, ok := c.merged(); !ok {
			refused = append(refused, i)
		}
	}
	for _, l := range unmixed(chunks) {
		switch {
		case l.base == l.theirs || l.ours == l.theirs:
		case l.base == l.ours:
			together[l.base] = append(together[l.base], l.theirs)
			together[l.theirs] = append(together[l.theirs], l.base)
		default:
			why[l.theirs] = "you and the release moved these lines"
			refused = append(refused, l.theirs)
		}
	}
	for len(refused) > 0 {
		i := refused[0]
		refused = refused[1:]
		for _, k := range together[i] {
			if why[k] == "" {
				why[k] = "the release moved these lines to where you changed others"
				refused = append(refused, k)
			}
		}
	}
	return why
}

// unmixed are the chunks in which each line is that all have once.
func unmixed(chunks []chunk) []item {
	var sides [3]map[string]int // chunks of lines, -1 where there are two
	for s := range sides {
		sides[s] = map[string]int{}
		for i, c := range chunks {
			for _, line := range [][]string{c.base, c.ours, c.theirs}[s] {
				if _, twice := sides[s][line]; twice {
					sides[s][line] = -1
				} else {
					sides[s][line] = i
				}
			}
		}
	}
	var all []item
	for line, b := range sides[0] {
		o, inOurs := sides[1][line]
		t, inTheirs := sides[2][line]
		if inOurs && inTheirs && b >= 0 && o >= 0 && t >= 0 && strings.ContainsFunc(line, unicode.IsLetter) {
			all = append(all, item{b, o, t})
		}
	}
	return all
}
