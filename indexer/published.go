package indexer

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/kube"
)

// atOnce is how many objects are read from a source at the same time.
const atOnce = 8

// state is what a source has published: its head, opened as a client
// opens it, and the records that the head leads to.
type state struct {
	Head     *index.Head
	Envelope *index.Envelope
	Stored   index.Object // the envelope as it is stored
	Lines    []index.Line // ascending by name, gone ones included
}

// readLines reads the records of a head by the plan of a client that holds
// nothing.
func readLines(ctx context.Context, h *index.Head, read reader) ([]index.Line, error) {
	plan, err := h.Plan(0)
	if err != nil {
		return nil, err
	}
	parts, err := readParts(ctx, plan, read)
	if err != nil {
		return nil, err
	}
	none := func(string) (index.Line, bool, error) { return index.Line{}, false, nil }
	changes, tally, err := index.Merge(none, index.Tally{}, parts)
	if err != nil {
		return nil, err
	}
	if !h.Agrees(tally) {
		return nil, fmt.Errorf("head %d announces %d Kubes with sum %s, its records are %d with sum %s",
			h.Seq, h.Kubes, h.Sum, tally.Kubes, tally.Sum())
	}
	lines := make([]index.Line, len(changes))
	for i, c := range changes {
		lines[i] = c.New
	}
	return lines, nil
}

// readParts reads all parts of a plan, several at once.
func readParts(ctx context.Context, plan []index.Segment, read reader) ([]index.Line, error) {
	type piece struct {
		segment index.Segment
		part    int
		lines   []index.Line
	}
	var pieces []piece
	for _, s := range plan {
		for part := range s.Parts {
			pieces = append(pieces, piece{segment: s, part: part})
		}
	}
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(atOnce)
	for i := range pieces {
		p := &pieces[i]
		g.Go(func() error {
			ref := p.segment.Parts[p.part].Ref()
			data, err := read(ctx, index.ObjectPath(ref.SHA256), ref)
			if err != nil {
				return err
			}
			p.lines, err = index.DecodePart(p.segment, p.part, data)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	var lines []index.Line
	for _, p := range pieces {
		lines = append(lines, p.lines...)
	}
	return lines, nil
}

// readDocument reads the document that a record names.
func readDocument(ctx context.Context, l index.Line, read reader) (*index.Document, error) {
	data, err := read(ctx, index.ObjectPath(l.Doc.SHA256), l.Doc)
	if err != nil {
		return nil, fmt.Errorf("reading the document of %s: %w", l.Name, err)
	}
	return index.DecodeDocument(l.Record, data)
}

// line finds the record of a name. It is safe on nil: nothing is published.
func (p *state) line(name string) (index.Line, bool) {
	if p == nil {
		return index.Line{}, false
	}
	i, ok := slices.BinarySearchFunc(p.Lines, name, func(l index.Line, name string) int {
		return strings.Compare(l.Name, name)
	})
	if !ok {
		return index.Line{}, false
	}
	return p.Lines[i], true
}

// missing are the published Kubes that are not among the folders.
func (p *state) missing(folders []string) kube.Problems {
	var ps kube.Problems
	for _, l := range p.Lines {
		if _, ok := slices.BinarySearch(folders, l.Name); l.Gone == "" && !ok {
			ps = append(ps, kube.Problem{Path: l.Name, Message: "is published, but not in the packages folder; to remove it, keep the folder with a releases.yaml that says `gone: REASON`"})
		}
	}
	return ps
}

// files lists what a document leads to beside objects: archives and
// attestations, by path.
func files(d *index.Document) map[string]index.Ref {
	out := map[string]index.Ref{}
	for _, r := range d.Releases {
		if r.Withdrawn == "" {
			out[index.ArchivePath(d.Name, r.Version)] = r.Ref()
		}
		maps.Copy(out, attestations(r))
	}
	return out
}

func attestations(r index.Release) map[string]index.Ref {
	out := map[string]index.Ref{}
	if r.Withdrawn != "" {
		return out
	}
	for _, a := range r.Attestations {
		out[a.Path] = index.Ref{SHA256: a.SHA256, Size: a.Size}
	}
	return out
}

// reader reads a published file that the index names.
type reader func(ctx context.Context, path string, ref index.Ref) ([]byte, error)
