package repos

import (
	"context"
	"errors"
	"iter"
	"maps"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/kpm-sh/kpm/internal/fetch"
	"github.com/kpm-sh/kpm/internal/index"
)

// atOnce is how many parts are fetched at the same time, and so how many are in
// memory before they are merged.
const atOnce = fetch.AtOnce

// delta is what an update changes: for each name its new line, as bytes, so
// that the records of a large repository are never all in memory.
type delta struct {
	from   int64
	stored stored
	lines  map[string][]byte
	before map[string]index.Line // of what changes, the line that is held, if one is
	tally  index.Tally
	changes
}

// Updated says what an update of a repository did. With Err it did nothing.
type Updated struct {
	Repository string // alias
	Err        error
	Trust      []string // what new trust documents change, a line each; it counts even when Err is set

	changes
	Kubes     int64 // in the repository now
	First     bool  // there was no catalog before, or none that could be used
	Unchanged bool  // there was nothing new
	Issued    time.Time
	root      index.Digest // of the head
	Requests  int64
	Bytes     int64 // of bodies received, as they came over the wire
}

// changes are the Kubes that an update brought, sorted by name.
type changes struct {
	New      []Change
	Upgraded []Change
	Recalled []Recall
	Restored []Recall // recalls that were taken back themselves, as they were
	Gone     []Change
	Back     []Change // that were gone
}

// Change is a Kube whose newest version is another one now, or that is gone.
type Change struct{ Name, From, To, Reason string }

// collect fetches the chain of segments that leads from publish `from` to the
// head and merges it. What the result holds must be what the head announces.
func (s *pull) collect(ctx context.Context, a answer, from int64) (*delta, error) {
	d := &delta{from: from, lines: map[string][]byte{}, before: map[string]index.Line{}}
	if from > 0 {
		d.stored = s.stored
		var err error
		if d.tally, err = index.ParseTally(s.stored.Kubes, s.stored.Sum); err != nil {
			return nil, err
		}
	}
	plan, err := a.Plan(from)
	if err != nil {
		return nil, formatFault(s.repo, err)
	}
	for _, seg := range plan {
		for done := 0; done < len(seg.Parts); done += atOnce {
			bodies, err := s.parts(ctx, a.source, seg.Parts[done:min(done+atOnce, len(seg.Parts))])
			if err != nil {
				return nil, err
			}
			for i, body := range bodies {
				lines, err := index.DecodePart(seg, done+i, body)
				if err != nil {
					return nil, formatFault(s.repo, err)
				}
				if err := d.merge(lines); err != nil {
					return nil, err
				}
			}
		}
	}
	if !a.Agrees(d.tally) {
		return nil, errDisagrees
	}
	return d, d.compare()
}

// errDisagrees says that the records are not those that the head counts.
var errDisagrees = errors.New("the records do not add up to what the index says")

func (d *delta) merge(lines []index.Line) error {
	changes, tally, err := index.Merge(d.line, d.tally, lines)
	if err != nil {
		return err
	}
	d.tally = tally
	for _, c := range changes {
		if _, again := d.lines[c.New.Name]; !again && c.Old != nil {
			d.before[c.New.Name] = *c.Old
		}
		d.lines[c.New.Name] = c.New.Raw
	}
	return nil
}

// line is the line of a name so far.
func (d *delta) line(name string) (index.Line, bool, error) {
	if raw, ok := d.lines[name]; ok {
		l, err := index.DecodeLine(raw)
		return l, true, err
	}
	if d.stored.Catalog == nil {
		return index.Line{}, false, nil
	}
	return d.stored.Get(name)
}

// compare sorts what changed into what the user is told. A first update has nothing
// to compare with.
func (d *delta) compare() error {
	if d.from == 0 {
		return nil
	}
	for _, name := range slices.Sorted(maps.Keys(d.lines)) {
		now, err := index.DecodeLine(d.lines[name])
		if err != nil {
			return err
		}
		old, there := d.before[name]
		d.note(old, now, there && old.Gone == "")
	}
	return nil
}

// note sorts one change; there says whether the Kube could be had before.
func (d *delta) note(old, now index.Line, there bool) {
	change := Change{Name: now.Name, To: now.Version}
	if there {
		change.From = old.Version
	}
	switch {
	case now.Gone != "" && there:
		change.Reason = now.Gone
		d.Gone = append(d.Gone, change)
	case now.Gone == "" && old.Gone != "":
		d.Back = append(d.Back, change)
	case now.Gone == "" && !there:
		d.New = append(d.New, change)
	case now.Gone == "" && change.From != change.To && !fellBack(old, now):
		d.Upgraded = append(d.Upgraded, change)
	}
}

// all yields the changed lines by name.
func (d *delta) all() iter.Seq2[index.Line, error] {
	return func(yield func(index.Line, error) bool) {
		for _, name := range slices.Sorted(maps.Keys(d.lines)) {
			l, err := index.DecodeLine(d.lines[name])
			if !yield(l, err) || err != nil {
				return
			}
		}
	}
}

// parts fetches some parts at once: from the source that gave the head, else
// from the others.
func (s *pull) parts(ctx context.Context, first *fetch.Source, parts []index.Part) ([][]byte, error) {
	sources := append([]*fetch.Source{first}, slices.DeleteFunc(slices.Clone(s.sources), func(o *fetch.Source) bool { return o == first })...)
	bodies := make([][]byte, len(parts))
	g, ctx := errgroup.WithContext(ctx)
	for i, p := range parts {
		g.Go(func() error {
			return firstSource(sources, func(src *fetch.Source, noCache bool) (err error) {
				bodies[i], err = src.Object(ctx, index.ObjectPath(p.SHA256), p.Ref(), noCache)
				return err
			})
		})
	}
	return bodies, g.Wait()
}
