package index

import "fmt"

// Change is one name whose line an update replaces. Old is nil for a name that
// was not held.
type Change struct {
	Old *Line
	New Line
}

// Merge lays incoming lines over held ones: for each name the line with the
// highest rev wins, whatever the order, and a repeat changes nothing. It gives
// the changes ascending by name and the tally after them. Two lines of one
// name and rev that differ are refused: the publisher wrote a record twice.
func Merge(held func(name string) (Line, bool, error), t Tally, incoming []Line) ([]Change, Tally, error) {
	newest := make(map[string]Line, len(incoming))
	for _, l := range incoming {
		if m, ok := newest[l.Name]; ok {
			if l.Rev == m.Rev && string(l.Raw) != string(m.Raw) {
				return nil, t, fmt.Errorf("%w: %s has two records of rev %d", ErrFormat, l.Name, l.Rev)
			}
			if l.Rev <= m.Rev {
				continue
			}
		}
		newest[l.Name] = l
	}
	lines := make([]Line, 0, len(newest))
	for _, l := range newest {
		lines = append(lines, l)
	}
	sortLines(lines)
	changes := make([]Change, 0, len(lines))
	for _, l := range lines {
		old, ok, err := held(l.Name)
		if err != nil {
			return nil, t, err
		}
		if ok && old.Rev >= l.Rev {
			if old.Rev == l.Rev && string(old.Raw) != string(l.Raw) {
				return nil, t, fmt.Errorf("%w: %s has two records of rev %d", ErrFormat, l.Name, l.Rev)
			}
			continue
		}
		c := Change{New: l}
		if ok {
			c.Old = &old
			t.Remove(old)
		}
		t.Add(l)
		changes = append(changes, c)
	}
	return changes, t, nil
}
