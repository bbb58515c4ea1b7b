package index

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

// TestLimits: what is exactly at a limit passes, and one more is refused.
func TestLimits(t *testing.T) {
	nested := func(levels int) []byte { // the record itself is one of them
		return []byte(strings.Replace(goodRecord, `"rev":1`, `"rev":1,"x":`+strings.Repeat("[", levels-1)+strings.Repeat("]", levels-1), 1))
	}
	number := func(n string) []byte { return []byte(strings.Replace(goodRecord, `"rev":1`, `"rev":`+n, 1)) }
	docOf := func(size int) []byte {
		return []byte(strings.Replace(goodRecord, `"size":3`, fmt.Sprintf(`"size":%d`, size), 1))
	}
	long := func(n int) []byte {
		return []byte(strings.Replace(goodRecord, `"rev":1`, `"rev":1,"x":"`+strings.Repeat("x", n-len(goodRecord)-len(`,"x":""`))+`"`, 1))
	}
	for name, c := range map[string]struct{ last, beyond []byte }{
		"levels":        {nested(32), nested(33)},
		"number":        {number("9007199254740992"), number("9007199254740993")},
		"document size": {docOf(MaxDocument), docOf(MaxDocument + 1)},
		"line":          {long(MaxLine), long(MaxLine + 1)},
	} {
		if _, err := DecodeLine(c.last); err != nil {
			t.Errorf("%s at its limit: %v", name, err)
		}
		if _, err := DecodeLine(c.beyond); !errors.Is(err, ErrFormat) {
			t.Errorf("%s beyond its limit: got %v, want ErrFormat", name, err)
		}
	}
}

func TestHeadLimits(t *testing.T) {
	p := newPublisher(t)
	p.publish(record("a", 1))
	head := func(parts int, raw int64) []byte {
		h := *p.head
		h.Segments = []Segment{{0, 1, nil}}
		for i := range parts {
			h.Segments[0].Parts = append(h.Segments[0].Parts, Part{DigestOf(fmt.Append(nil, i)), 1, raw, fmt.Sprintf("k%05d", i)})
		}
		payload, err := encode(h)
		if err != nil {
			t.Fatal(err)
		}
		return payload
	}
	for name, c := range map[string]struct{ last, beyond []byte }{
		"parts": {head(MaxParts, 1), head(MaxParts+1, 1)},
		"raw":   {head(1, MaxPart), head(1, MaxPart+1)},
	} {
		if _, err := DecodeHead(c.last); err != nil {
			t.Errorf("%s at the limit: %v", name, err)
		}
		if _, err := DecodeHead(c.beyond); !errors.Is(err, ErrFormat) {
			t.Errorf("%s beyond the limit: got %v, want ErrFormat", name, err)
		}
	}
	for size, want := range map[int64]bool{MaxHead: true, MaxHead + 1: false} {
		h := *p.head
		h.Extensions = nil
		h.SetPrevious(Ref{DigestOf(nil), size})
		if _, ok := h.Previous(); ok != want {
			t.Errorf("a previous head of %d bytes: got %v, want %v", size, ok, want)
		}
	}
}

// TestPlanCountsRequests: a part costs its size and 200 bytes.
func TestPlanCountsRequests(t *testing.T) {
	part := func(size int64) []Part { return []Part{{Size: size}} }
	for size, want := range map[int64]int{399: 1, 401: 2} { // beside two parts of 100: 100+100+2·200 = 400+200
		h := &Head{Seq: 2, Segments: []Segment{{0, 1, part(100)}, {1, 2, part(100)}, {0, 2, part(size)}}}
		plan, err := h.Plan(0)
		if err != nil {
			t.Fatal(err)
		}
		if len(plan) != want {
			t.Errorf("beside one segment of %d bytes: got %d segments, want %d", size, len(plan), want)
		}
	}
}

// TestMergeRefusesASecondRecord: one name and rev with other bytes is never
// taken, be the first one held or in the same delivery.
func TestMergeRefusesASecondRecord(t *testing.T) {
	first, second := line(t, record("a", 1)), record("a", 1)
	second.Description = "another"
	other := line(t, second)
	none := func(string) (Line, bool, error) { return Line{}, false, nil }
	held := func(string) (Line, bool, error) { return first, true, nil }
	if _, _, err := Merge(none, Tally{}, []Line{first, other}); !errors.Is(err, ErrFormat) {
		t.Errorf("in one delivery: got %v, want ErrFormat", err)
	}
	if _, _, err := Merge(held, TallyOf([]Line{first}), []Line{other}); !errors.Is(err, ErrFormat) {
		t.Errorf("beside the held one: got %v, want ErrFormat", err)
	}
	if changes, _, err := Merge(held, TallyOf([]Line{first}), []Line{first}); err != nil || len(changes) != 0 {
		t.Errorf("a repeat: got %d changes, %v", len(changes), err)
	}
}

// TestBaseIsStale: a complete segment is written again when what changed since
// weighs more than a quarter of it, not when it weighs a quarter.
func TestBaseIsStale(t *testing.T) {
	l := line(t, record("a", 2))
	weight := int64(len(l.Raw)) + 1
	for size, want := range map[int64]bool{4 * weight: false, 4*weight - 1: true} {
		segs := []Segment{{0, 1, []Part{{Raw: size}}}, {1, 2, nil}}
		if got := baseIsStale(segs, []Line{l}); got != want {
			t.Errorf("%d bytes beside %d: got %v, want %v", weight, size, got, want)
		}
	}
}
