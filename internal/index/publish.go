package index

import (
	"cmp"
	"slices"
)

// fanOut is the base of the levels of segments, and how many of each level
// stay listed.
const fanOut = 8

// Publish gives the segments that publish seq lists, and the objects that are
// new in it. lines is the whole state at seq; listed are the segments of the
// head before, nil in a first publish or where the chain starts anew.
//
// It is a function of its arguments: the same state gives the same bytes.
func Publish(listed []Segment, lines []Line, seq int64) ([]Segment, []Object, error) {
	segs := slices.Clone(listed)
	var objects []Object
	add := func(from int64) error {
		if slices.ContainsFunc(segs, func(s Segment) bool { return s.From == from && s.To == seq }) {
			return nil
		}
		s, os, err := encodeSegment(lines, from, seq)
		if err != nil {
			return err
		}
		segs = append(segs, s)
		objects = append(objects, os...)
		return nil
	}
	if err := add(seq - 1); err != nil {
		return nil, nil, err
	}
	for span := int64(fanOut); span <= seq && seq%span == 0; span *= fanOut {
		if err := add(seq - span); err != nil {
			return nil, nil, err
		}
	}
	if baseIsStale(segs, lines) {
		if err := add(0); err != nil {
			return nil, nil, err
		}
	}
	return keep(segs), objects, nil
}

// baseIsStale reports whether the records that changed since the newest
// complete segment weigh more than a quarter of it.
func baseIsStale(segs []Segment, lines []Line) bool {
	base := newestBase(segs)
	if base == nil {
		return true
	}
	var size, since int64
	for _, p := range base.Parts {
		size += p.Raw
	}
	for _, l := range lines {
		if l.Rev > base.To {
			since += int64(len(l.Raw)) + 1
		}
	}
	return since > size/4
}

func newestBase(segs []Segment) *Segment {
	var base *Segment
	for i, s := range segs {
		if s.From == 0 && (base == nil || s.To > base.To) {
			base = &segs[i]
		}
	}
	return base
}

// keep drops what a head no longer lists: of each level all but the last
// fanOut, and complete segments but the newest, unless their level keeps them.
func keep(segs []Segment) []Segment {
	newest := slices.Clone(segs)
	slices.SortFunc(newest, func(a, b Segment) int {
		return cmp.Or(cmp.Compare(b.To, a.To), cmp.Compare(a.From, b.From))
	})
	base := newestBase(segs)
	count := map[int]int{}
	var kept []Segment
	for _, s := range newest {
		level, ok := levelOf(s)
		if ok {
			count[level]++
		}
		if (ok && count[level] <= fanOut) || (s.From == base.From && s.To == base.To) {
			kept = append(kept, s)
		}
	}
	slices.Reverse(kept)
	return kept
}

// levelOf is k for a segment (N-8ᵏ, N] where 8ᵏ divides N.
func levelOf(s Segment) (int, bool) {
	span := int64(1)
	for k := 0; span <= s.To; k++ {
		if s.To-s.From == span && s.To%span == 0 {
			return k, true
		}
		span *= fanOut
	}
	return 0, false
}
