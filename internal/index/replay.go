package index

import (
	"fmt"
	"maps"
	"slices"
)

// Replay does with a head what clients will do with it, before it is
// published: from publish 0 and from the end of every listed segment it takes
// the plan, reads its parts, merges, and compares with the state that the
// publisher means to publish. read gives the stored bytes of an object.
func Replay(h *Head, lines []Line, read func(Ref) ([]byte, error)) error {
	want := make(map[string]Line, len(lines))
	for _, l := range lines {
		want[l.Name] = l
	}
	if len(want) != len(lines) {
		return fmt.Errorf("replaying head %d: %d lines name %d Kubes", h.Seq, len(lines), len(want))
	}
	if !h.Agrees(TallyOf(lines)) {
		return fmt.Errorf("replaying head %d: kubes and sum are not those of its records", h.Seq)
	}
	parts := map[Digest][]Line{}
	starts := map[int64]bool{0: true}
	for _, s := range h.Segments {
		starts[s.To] = true
	}
	for _, from := range slices.Sorted(maps.Keys(starts)) {
		if err := replay(h, want, from, parts, read); err != nil {
			return fmt.Errorf("replaying head %d from %d: %w", h.Seq, from, err)
		}
	}
	return nil
}

// replay starts with the records that a client at `from` may share with the
// publisher; whatever else it holds, the plan must bring the rest.
func replay(h *Head, want map[string]Line, from int64, parts map[Digest][]Line, read func(Ref) ([]byte, error)) error {
	plan, err := h.Plan(from)
	if err != nil {
		return err
	}
	got := map[string]Line{}
	for _, s := range plan {
		for i, p := range s.Parts {
			if _, ok := parts[p.SHA256]; !ok {
				data, err := read(p.Ref())
				if err != nil {
					return err
				}
				if err := p.Ref().Match(data); err != nil {
					return fmt.Errorf("object %s: %w", p.SHA256, err)
				}
				if parts[p.SHA256], err = DecodePart(s, i, data); err != nil {
					return err
				}
			}
			for _, l := range parts[p.SHA256] {
				if l.Rev > got[l.Name].Rev {
					got[l.Name] = l
				}
			}
		}
	}
	for name, l := range got {
		if string(want[name].Raw) != string(l.Raw) {
			return fmt.Errorf("a client would hold another record of %s", name)
		}
	}
	for name, l := range want {
		if l.Rev > from && got[name].Rev != l.Rev {
			return fmt.Errorf("a client would miss rev %d of %s", l.Rev, name)
		}
	}
	return nil
}
