package merge

import "slices"

// item is an element of a merged list: its place on each side, -1 where it is not
// from there.
type item struct{ base, ours, theirs int }

// plainList merges the elements of lists without keys as diff3 does. Where all sides have
// as many in one place, each of these is an item of all three, and merged by itself. It is
// not ok where that would lose, double or bring back an element: a diff takes one
// that moved for one that goes and another that comes, and each of the two is
// merged without the other.
func plainList(base, ours, theirs []string) (items []item, ok bool) {
	l := lists{base, ours, theirs}
	at := item{}
	for _, c := range diff3(base, ours, theirs) {
		switch list, ok := c.merged(); {
		case len(c.base) == len(c.ours) && len(c.base) == len(c.theirs):
			for i := range c.ours {
				items = append(items, item{at.base + i, at.ours + i, at.theirs + i})
			}
		case !ok:
			return nil, false
		case slices.Equal(list, c.ours):
			for i := range c.ours {
				items = append(items, item{-1, at.ours + i, -1})
			}
		default:
			for i := range c.theirs {
				items = append(items, item{-1, -1, at.theirs + i})
			}
		}
		at = item{at.base + len(c.base), at.ours + len(c.ours), at.theirs + len(c.theirs)}
	}
	return items, l.fit(items)
}

// lists are the elements of a list on each side.
type lists struct{ base, ours, theirs []string }

// fit reports whether items are what each side made of base: each element is there
// as often as the side has it that changed how often.
func (l lists) fit(items []item) bool {
	had, mine, release, merged := tally(l.base), tally(l.ours), tally(l.theirs), map[string]int{}
	for _, it := range items {
		switch {
		case it.ours < 0:
			merged[l.theirs[it.theirs]]++
		case it.theirs < 0:
			merged[l.ours[it.ours]]++
		default:
			b, o, t := l.base[it.base], l.ours[it.ours], l.theirs[it.theirs]
			if b != o && b != t && o != t {
				if !l.anew(it) {
					return false
				}
				release[t]-- // it is merged into that of ours
				t = o
			}
			merged[either(b, o, t)]++
		}
	}
	for _, side := range []map[string]int{had, mine, release, merged} {
		for s := range side {
			b, o, t := had[s], mine[s], release[s]
			if merged[s] != either(b, o, t) || b != o && b != t && o != t {
				return false
			}
		}
	}
	return true
}

// anew reports whether an item that both changed is one that each wrote anew: no
// side has it anywhere else.
func (l lists) anew(it item) bool {
	b, o, t := l.base[it.base], l.ours[it.ours], l.theirs[it.theirs]
	return !slices.Contains(l.ours, b) && !slices.Contains(l.theirs, b) &&
		!slices.Contains(l.base, o) && !slices.Contains(l.theirs, o) &&
		!slices.Contains(l.base, t) && !slices.Contains(l.ours, t)
}

// tally is how often each element is in a list.
func tally(list []string) map[string]int {
	all := map[string]int{}
	for _, s := range list {
		all[s]++
	}
	return all
}
