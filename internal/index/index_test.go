package index

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

var day = time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)

// record is a valid record; tests break one thing in it.
func record(name string, rev int64) Record {
	return Record{
		Name: name, Rev: rev, Version: fmt.Sprintf("1.0.%d", rev), Description: "the " + name + " server",
		Built: At(day), Doc: RefOf([]byte(fmt.Sprint(name, rev))),
	}
}

func line(t testing.TB, r Record) Line {
	t.Helper()
	l, err := NewLine(r)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// publisher publishes random changes and keeps every object that it ever
// wrote, as a site does.
type publisher struct {
	t       testing.TB
	state   map[string]Line
	head    *Head
	objects map[Digest][]byte
}

func newPublisher(t testing.TB) *publisher {
	return &publisher{t: t, state: map[string]Line{}, objects: map[Digest][]byte{}}
}

func (p *publisher) lines() []Line {
	ls := make([]Line, 0, len(p.state))
	for _, l := range p.state {
		ls = append(ls, l)
	}
	sortLines(ls)
	return ls
}

// publish makes the next head with the given records changed in it.
func (p *publisher) publish(changed ...Record) *Head {
	p.t.Helper()
	h := &Head{
		Schema: HeadSchema, Repository: "test", Root: DigestOf([]byte("root")), Trust: 1, Epoch: 1, Seq: 1,
		Issued: At(day), Expires: At(day.Add(24 * time.Hour)),
	}
	var listed []Segment
	if p.head != nil {
		h.Seq, listed = p.head.Seq+1, p.head.Segments
	}
	for _, r := range changed {
		r.Rev = h.Seq
		p.state[r.Name] = line(p.t, r)
	}
	segs, objects, err := Publish(listed, p.lines(), h.Seq)
	if err != nil {
		p.t.Fatal(err)
	}
	for _, o := range objects {
		p.objects[o.SHA256] = o.Data
	}
	tally := TallyOf(p.lines())
	h.Segments, h.Kubes, h.Sum = segs, tally.Kubes, tally.Sum()
	if _, err := h.Encode(); err != nil {
		p.t.Fatal(err)
	}
	p.head = h
	return h
}

func (p *publisher) read(r Ref) ([]byte, error) {
	data, ok := p.objects[r.SHA256]
	if !ok {
		return nil, fmt.Errorf("no object %s", r.SHA256)
	}
	return data, nil
}

// client holds the state of publish seq.
type client struct {
	seq   int64
	tally Tally
	held  map[string]Line
	bytes int64
}

func newClient() *client { return &client{held: map[string]Line{}} }

// update takes a head and shuffles what it fetches: order must not matter.
func (c *client) update(t testing.TB, h *Head, read func(Ref) ([]byte, error)) {
	t.Helper()
	plan, err := h.Plan(c.seq)
	if err != nil {
		t.Fatal(err)
	}
	var lines []Line
	for _, s := range plan {
		for i, p := range s.Parts {
			data, err := read(p.Ref())
			if err != nil {
				t.Fatal(err)
			}
			c.bytes += p.Size
			ls, err := DecodePart(s, i, data)
			if err != nil {
				t.Fatal(err)
			}
			lines = append(lines, ls...)
		}
	}
	rand.Shuffle(len(lines), func(i, j int) { lines[i], lines[j] = lines[j], lines[i] })
	get := func(name string) (Line, bool, error) { l, ok := c.held[name]; return l, ok, nil }
	changes, tally, err := Merge(get, c.tally, lines)
	if err != nil {
		t.Fatal(err)
	}
	for _, ch := range changes {
		c.held[ch.New.Name] = ch.New
	}
	c.seq, c.tally = h.Seq, tally
	if !h.Agrees(tally) {
		t.Fatalf("at %d: tally %d %s, the head says %d %s", h.Seq, tally.Kubes, tally.Sum(), h.Kubes, h.Sum)
	}
}

func (c *client) same(t testing.TB, p *publisher) {
	t.Helper()
	if len(c.held) != len(p.state) {
		t.Fatalf("at %d: %d records held, %d published", c.seq, len(c.held), len(p.state))
	}
	for name, l := range p.state {
		if string(c.held[name].Raw) != string(l.Raw) {
			t.Fatalf("at %d: %s is %s, published was %s", c.seq, name, c.held[name].Raw, l.Raw)
		}
	}
}

// TestConvergence: any client at any lag, with deletions, returns, overlaps,
// repeats and empty publishes, ends with exactly the publisher's state.
func TestConvergence(t *testing.T) {
	for seed := range uint64(4) {
		rnd := rand.New(rand.NewPCG(seed, 1))
		p := newPublisher(t)
		clients := make([]*client, 25)
		for i := range clients {
			clients[i] = newClient()
		}
		for n := range 200 {
			var changed []Record
			if rnd.IntN(3) > 0 {
				for range 1 + rnd.IntN(5) {
					changed = append(changed, randomRecord(rnd))
				}
			}
			h := p.publish(changed...)
			if n%7 == 0 {
				if err := Replay(h, p.lines(), p.read); err != nil {
					t.Fatalf("seed %d: %v", seed, err)
				}
			}
			for i, c := range clients {
				if rnd.IntN(1+4*i) == 0 {
					c.update(t, h, p.read)
					c.same(t, p)
				}
			}
		}
		cold := newClient()
		cold.update(t, p.head, p.read)
		cold.same(t, p)
	}
}

func randomRecord(rnd *rand.Rand) Record {
	r := record(fmt.Sprintf("kube-%d", rnd.IntN(60)), 1)
	r.Version = fmt.Sprintf("1.%d.0", rnd.IntN(1000))
	if rnd.IntN(6) == 0 {
		r = Record{Name: r.Name, Gone: "moved away", Doc: r.Doc}
	}
	return r
}

// TestPublishTwice: building twice gives the same bytes.
func TestPublishTwice(t *testing.T) {
	build := func() []byte {
		rnd := rand.New(rand.NewPCG(7, 7))
		p := newPublisher(t)
		for range 70 {
			p.publish(randomRecord(rnd), randomRecord(rnd))
		}
		b, err := p.head.Encode()
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	if a, b := build(), build(); string(a) != string(b) {
		t.Errorf("two builds differ:\n%s\n%s", a, b)
	}
}

// TestListed: the segments that heads 1, 8, 9, 64, 65, 512 and 513 list.
func TestListed(t *testing.T) {
	p := newPublisher(t)
	want := map[int64]string{
		1:   "(0,1]",
		8:   "(0,1] (1,2] (2,3] (3,4] (4,5] (5,6] (6,7] (0,8] (7,8]",
		9:   "(1,2] (2,3] (3,4] (4,5] (5,6] (6,7] (0,8] (7,8] (8,9]",
		64:  "(0,8] (8,16] (16,24] (24,32] (32,40] (40,48] (48,56] (56,57] (57,58] (58,59] (59,60] (60,61] (61,62] (62,63] (0,64] (56,64] (63,64]",
		65:  "(0,8] (8,16] (16,24] (24,32] (32,40] (40,48] (48,56] (57,58] (58,59] (59,60] (60,61] (61,62] (62,63] (63,64] (0,64] (56,64] (64,65] (0,65]",
		512: "(0,64] (64,128] (128,192] (192,256] (256,320] (320,384] (384,448] (448,456] (456,464] (464,472] (472,480] (480,488] (488,496] (496,504] (504,505] (505,506] (506,507] (507,508] (508,509] (509,510] (510,511] (0,512] (448,512] (504,512] (511,512]",
		513: "(0,64] (64,128] (128,192] (192,256] (256,320] (320,384] (384,448] (448,456] (456,464] (464,472] (472,480] (480,488] (488,496] (496,504] (505,506] (506,507] (507,508] (508,509] (509,510] (510,511] (0,512] (448,512] (504,512] (511,512] (512,513]",
	}
	for n := int64(1); n <= 513; n++ {
		var changed []Record
		if n == 1 || n == 65 {
			changed = append(changed, record("a", n), record("b", n))
		}
		h := p.publish(changed...)
		var got string
		for i, s := range h.Segments {
			if i > 0 {
				got += " "
			}
			got += fmt.Sprintf("(%d,%d]", s.From, s.To)
		}
		if w, ok := want[n]; ok && sorted(got) != sorted(w) {
			t.Errorf("head %d lists %s, want %s", n, got, w)
		}
	}
}

func sorted(s string) string {
	var fs []string
	for f := range splitFields(s) {
		fs = append(fs, f)
	}
	slices.Sort(fs)
	return fmt.Sprint(fs)
}

// TestPlanIsCheapest compares the plan with every chain there is.
func TestPlanIsCheapest(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 3))
	for range 400 {
		h := &Head{Seq: 6}
		for range 9 {
			from := rnd.Int64N(6)
			to := from + 1 + rnd.Int64N(6-from)
			h.Segments = append(h.Segments, Segment{from, to, []Part{{Size: 1 + rnd.Int64N(900)}}})
		}
		for from := range int64(6) {
			want := leastCost(h.Segments, from, h.Seq)
			plan, err := h.Plan(from)
			if (err != nil) != (want < 0) {
				t.Fatalf("plan from %d: %v, cheapest is %d", from, err, want)
			}
			var got int64
			at := from
			for _, s := range plan {
				if s.From > at {
					t.Fatalf("plan from %d leaves a gap: %v", from, plan)
				}
				at = s.To
				got += s.cost()
			}
			if err == nil && (got != want || at != h.Seq) {
				t.Fatalf("plan from %d costs %d and ends at %d, cheapest is %d", from, got, at, want)
			}
		}
	}
}

func leastCost(segs []Segment, from, seq int64) int64 {
	if from >= seq {
		return 0
	}
	best := int64(-1)
	for _, s := range segs {
		if s.From > from || s.To <= from {
			continue
		}
		if c := leastCost(segs, s.To, seq); c >= 0 && (best < 0 || c+s.cost() < best) {
			best = c + s.cost()
		}
	}
	return best
}

// TestReplayFinds: a publisher's mistakes do not pass the replay.
func TestReplayFinds(t *testing.T) {
	tests := map[string]func(p *publisher){
		"a lost record": func(p *publisher) { delete(p.state, "b") },
		"a record of another publish": func(p *publisher) {
			l := p.state["c"]
			l.Rev = 1 // as if nothing had to bring it
			p.state["c"] = l
		},
		"a record that no segment brings": func(p *publisher) {
			for i, s := range p.head.Segments {
				p.head.Segments[i].Parts = slices.DeleteFunc(slices.Clone(s.Parts), func(Part) bool { return s.From == 1 })
			}
		},
		"a re-encoded record": func(p *publisher) { l := p.state["b"]; l.Raw = append([]byte(" "), l.Raw...); p.state["b"] = l },
		"a lost object":       func(p *publisher) { p.objects = nil },
		"no chain": func(p *publisher) {
			p.head.Segments = slices.DeleteFunc(p.head.Segments, func(s Segment) bool { return s.From == 0 })
		},
		"another sum": func(p *publisher) { p.head.Sum = DigestOf(nil) },
		"a damaged object": func(p *publisher) {
			for d := range p.objects {
				p.objects[d] = []byte("x")
			}
		},
	}
	for name, harm := range tests {
		p := newPublisher(t)
		p.publish(record("a", 1), record("b", 1), record("c", 1))
		p.publish(record("c", 2))
		if err := Replay(p.head, p.lines(), p.read); err != nil {
			t.Fatal(err)
		}
		harm(p)
		if err := Replay(p.head, p.lines(), p.read); err == nil {
			t.Errorf("%s: replay found nothing", name)
		}
	}
}

// TestSegmentParts: a large segment is cut into parts of at most 4 MiB raw.
func TestSegmentParts(t *testing.T) {
	var lines []Line
	for i := range 1500 {
		r := record(fmt.Sprintf("k%05d", i), 1)
		r.Details = string(make([]rune, 0, 1)) + fmt.Sprintf("%04000d", i)
		lines = append(lines, line(t, r))
	}
	s, objects, err := encodeSegment(lines, 0, 1)
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Parts) != 2 {
		t.Errorf("got %d parts, want 2", len(s.Parts))
	}
	var got []Line
	for i, p := range s.Parts {
		if p.Raw > targetPart {
			t.Errorf("part %d has %d bytes raw", i, p.Raw)
		}
		ls, err := DecodePart(s, i, objects[i].Data)
		if err != nil {
			t.Fatal(err)
		}
		if ls[0].Name != p.First {
			t.Errorf("part %d begins with %s, the head says %s", i, ls[0].Name, p.First)
		}
		got = append(got, ls...)
	}
	if len(got) != len(lines) {
		t.Errorf("got %d lines, want %d", len(got), len(lines))
	}
	for i, first := range []string{"k00002", "k01400"} { // in the part before; not that of its own part
		other := Segment{s.From, s.To, slices.Clone(s.Parts)}
		other.Parts[1].First = first
		if _, err := DecodePart(other, i, objects[i].Data); !errors.Is(err, ErrFormat) {
			t.Errorf("part %d where the second begins with %s: got %v, want ErrFormat", i, first, err)
		}
	}
}
