package index

import (
	"cmp"
	"fmt"
	"slices"
)

// requestCost is what one more request weighs in a plan, in bytes.
const requestCost = 200

// Plan is the cheapest chain of segments that brings a client from publish
// `from` to the head's: each next segment starts no later than the last one
// ended, and the last one ends at Seq. Cost is the stored size of all parts
// and 200 bytes for each request. A client that is up to date gets an empty
// plan. Among chains of one cost the choice is always the same.
func (h *Head) Plan(from int64) ([]Segment, error) {
	if from >= h.Seq {
		return nil, nil
	}
	segs := slices.Clone(h.Segments)
	slices.SortStableFunc(segs, func(a, b Segment) int {
		return cmp.Or(cmp.Compare(a.To, b.To), cmp.Compare(a.From, b.From))
	})
	best := cheapest(segs, from)
	end := -1
	for i, s := range segs {
		if s.To == h.Seq && best[i].ok && (end < 0 || best[i].cost < best[end].cost) {
			end = i
		}
	}
	if end < 0 {
		return nil, fmt.Errorf("no chain of segments leads from %d to %d", from, h.Seq)
	}
	var plan []Segment
	for i := end; i >= 0; i = best[i].last {
		plan = append(plan, segs[i])
	}
	slices.Reverse(plan)
	return plan, nil
}

// chain is one that ends with a segment.
type chain struct {
	cost int64
	last int // index of the segment before, -1 at the start
	ok   bool
}

// cheapest gives for each of segs, which are ordered by their ends, the cheapest chain
// from a publish that ends with it.
func cheapest(segs []Segment, from int64) []chain {
	best := make([]chain, len(segs))
	for i, s := range segs {
		if s.To <= from {
			continue
		}
		if s.From <= from {
			best[i] = chain{s.cost(), -1, true}
		}
		for j, before := range best[:i] {
			if !before.ok || segs[j].To < s.From || segs[j].To >= s.To {
				continue
			}
			if c := before.cost + s.cost(); !best[i].ok || c < best[i].cost {
				best[i] = chain{c, j, true}
			}
		}
	}
	return best
}

// cost stays far below overflow: a head has at most MaxParts parts of at most
// MaxPart bytes.
func (s Segment) cost() int64 {
	var n int64
	for _, p := range s.Parts {
		n += p.Size + requestCost
	}
	return n
}
