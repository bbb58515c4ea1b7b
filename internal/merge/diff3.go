package merge

import "slices"

// chunk is a run of elements of the three sides that belong together. at is
// where it is in ours.
type chunk struct {
	at                 int
	base, ours, theirs []string
}

// merged is what a chunk comes to; it is ours, and not ok, when both sides
// changed it differently.
func (c chunk) merged() (list []string, ok bool) {
	switch {
	case slices.Equal(c.base, c.ours):
		return c.theirs, true
	case slices.Equal(c.base, c.theirs) || slices.Equal(c.ours, c.theirs):
		return c.ours, true
	}
	return c.ours, false
}

// diff3 cuts three lists into chunks, in their order: those in which all agree,
// and between them those in which at least one side differs from base. Changes
// of both sides with nothing unchanged between them are one chunk.
func diff3(base, ours, theirs []string) []chunk {
	inOurs, inTheirs := align(base, ours), align(base, theirs)
	var chunks []chunk
	b, o, t := 0, 0, 0
	for b < len(base) || o < len(ours) || t < len(theirs) {
		agree := b
		for agree < len(base) && inOurs[agree] == o+agree-b && inTheirs[agree] == t+agree-b {
			agree++
		}
		if n := agree - b; n > 0 {
			chunks = append(chunks, chunk{o, base[b:agree], ours[o : o+n], theirs[t : t+n]})
			b, o, t = agree, o+n, t+n
			continue
		}
		for agree < len(base) && (inOurs[agree] < 0 || inTheirs[agree] < 0) {
			agree++
		}
		nextO, nextT := len(ours), len(theirs)
		if agree < len(base) {
			nextO, nextT = inOurs[agree], inTheirs[agree]
		}
		chunks = append(chunks, chunk{o, base[b:agree], ours[o:nextO], theirs[t:nextT]})
		b, o, t = agree, nextO, nextT
	}
	return chunks
}

// align gives for each element of a where it is in b, ascending, or -1.
func align(a, b []string) []int {
	at := make([]int, len(a))
	for i := range at {
		at[i] = -1
	}
	match(a, b, 0, 0, at)
	return at
}

// match aligns a with b, which start at x and y of the whole lists: equal ends
// first, then, as patience diff does, the elements that occur once in each. What
// has none of these is compared in full if it is small, and else counts as changed.
func match(a, b []string, x, y int, at []int) {
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		at[x] = y
		a, b, x, y = a[1:], b[1:], x+1, y+1
	}
	for len(a) > 0 && len(b) > 0 && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
		at[x+len(a)] = y + len(b)
	}
	if len(a) == 0 || len(b) == 0 {
		return
	}
	anchors := unique(a, b)
	if len(anchors) == 0 {
		common(a, b, x, y, at)
		return
	}
	i, j := 0, 0
	for _, p := range append(anchors, pair{len(a), len(b)}) {
		match(a[i:p.i], b[j:p.j], x+i, y+j, at)
		if p.i < len(a) {
			at[x+p.i] = y + p.j
		}
		i, j = p.i+1, p.j+1
	}
}

// pair is an element that two lists have in common.
type pair struct{ i, j int }

// unique are the elements that occur once in a and once in b, as many of them as
// are in the same order in both.
func unique(a, b []string) []pair {
	type count struct{ inA, inB, j int }
	seen := map[string]*count{}
	for _, s := range a {
		if seen[s] == nil {
			seen[s] = &count{}
		}
		seen[s].inA++
	}
	for j, s := range b {
		if c := seen[s]; c != nil {
			c.inB, c.j = c.inB+1, j
		}
	}
	var all []pair
	for i, s := range a {
		if c := seen[s]; c.inA == 1 && c.inB == 1 {
			all = append(all, pair{i, c.j})
		}
	}
	return ascending(all)
}

// ascending is the longest run of pairs, taken in order, whose j ascends.
func ascending(all []pair) []pair {
	var ends []int                  // ends[n] is the index of the lowest last pair of a run of n+1
	before := make([]int, len(all)) // the pair before each in its run
	for k, p := range all {
		n, _ := slices.BinarySearchFunc(ends, p.j, func(e, j int) int { return all[e].j - j })
		before[k] = -1
		if n > 0 {
			before[k] = ends[n-1]
		}
		ends = append(ends[:n], append([]int{k}, ends[min(n+1, len(ends)):]...)...)
	}
	run := make([]pair, len(ends))
	for n, k := len(ends)-1, last(ends); n >= 0; n, k = n-1, before[k] {
		run[n] = all[k]
	}
	return run
}

func last(ends []int) int {
	if len(ends) == 0 {
		return -1
	}
	return ends[len(ends)-1]
}

// maxTable bounds the table of common.
const maxTable = 1 << 20

// common aligns a with b by their longest common subsequence.
func common(a, b []string, x, y int, at []int) {
	if len(a) > maxTable/len(b) {
		return
	}
	width := len(b) + 1
	best := make([]int32, (len(a)+1)*width) // longest of a[i:] and b[j:]
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				best[i*width+j] = best[(i+1)*width+j+1] + 1
			} else {
				best[i*width+j] = max(best[(i+1)*width+j], best[i*width+j+1])
			}
		}
	}
	for i, j := 0, 0; i < len(a) && j < len(b); {
		switch {
		case a[i] == b[j]:
			at[x+i] = y + j
			i, j = i+1, j+1
		case best[(i+1)*width+j] >= best[i*width+j+1]:
			i++
		default:
			j++
		}
	}
}
