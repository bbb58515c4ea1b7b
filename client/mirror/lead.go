package mirror

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/kpm-sh/kpm/internal/errcode"
	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/trust"
)

// lead finds what the head leads to: all listed segments, and the documents, archives
// and bundles of what is mirrored.
func (c *copying) lead(ctx context.Context) error {
	c.kubes, c.lacks, c.files, c.choice = map[string]bool{}, map[string][]string{}, map[string]index.Ref{}, selection{}
	for _, s := range c.head.Segments {
		for _, p := range s.Parts {
			c.need(index.ObjectPath(p.SHA256), p.Ref())
		}
	}
	for _, ref := range c.chain.roots() {
		c.need(index.ObjectPath(ref.SHA256), ref)
	}
	from := int64(0)
	if !c.fresh && len(c.only) == 0 && c.Images == nil && c.old.Epoch == c.head.Epoch {
		from = c.old.Seq // all that is older is there
	}
	lines, err := c.lines(ctx, from)
	if err != nil {
		return err
	}
	if len(c.only) == 0 {
		return c.documents(ctx, slices.Collect(maps.Values(lines)))
	}
	if err := c.choose(ctx, lines); err != nil {
		return err
	}
	for name := range lines { // those that are gone have documents, and pages, too
		if _, ok := c.choice[name]; !ok {
			c.lacks[name] = []string{}
		}
	}
	return nil
}

// lines are the records that changed since publish from, as the head has them.
func (c *copying) lines(ctx context.Context, from int64) (map[string]index.Line, error) {
	plan, err := c.head.Plan(from)
	if err != nil {
		return nil, err
	}
	lines := map[string]index.Line{}
	for _, seg := range plan {
		parts := make([][]byte, len(seg.Parts))
		g, gctx := errgroup.WithContext(ctx)
		g.SetLimit(atOnce)
		for i, p := range seg.Parts {
			g.Go(func() (err error) {
				parts[i], err = c.object(gctx, index.ObjectPath(p.SHA256), p.Ref())
				return err
			})
		}
		if err := g.Wait(); err != nil {
			return nil, err
		}
		for i, data := range parts {
			some, err := index.DecodePart(seg, i, data)
			if err != nil {
				return nil, &trust.Error{Code: trust.Format, Found: err.Error(), Err: err}
			}
			for _, l := range some {
				if l.Rev > from && l.Rev > lines[l.Name].Rev {
					lines[l.Name] = l
				}
			}
		}
	}
	return lines, nil
}

// documents reads the documents of some records, and notes the files that they name.
func (c *copying) documents(ctx context.Context, lines []index.Line) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(atOnce)
	for _, l := range lines {
		g.Go(func() error {
			_, err := c.document(ctx, l)
			return err
		})
	}
	return g.Wait()
}

func (c *copying) document(ctx context.Context, l index.Line) (*index.Document, error) {
	path := index.ObjectPath(l.Doc.SHA256)
	if l.Doc.Size > index.MaxDocument {
		return nil, &trust.Error{Code: trust.Size, Found: fmt.Sprintf("the document of %s has %d bytes", l.Name, l.Doc.Size)}
	}
	c.need(path, l.Doc)
	data, err := c.object(ctx, path, l.Doc)
	if err != nil {
		return nil, err
	}
	d, err := index.DecodeDocument(l.Record, data)
	if err != nil {
		return nil, &trust.Error{Code: trust.Format, Found: err.Error(), Err: err}
	}
	c.mu.Lock()
	c.kubes[l.Name] = true
	c.docs = append(c.docs, d)
	c.mu.Unlock()
	if len(c.only) == 0 {
		return d, c.releases(d)
	}
	return d, nil
}

// release notes the files of a release.
func (c *copying) release(name string, r index.Release) error {
	c.need(index.ArchivePath(name, r.Version), r.Ref())
	for _, a := range r.Attestations {
		if err := checkPath(a.Path); err != nil {
			return err
		}
		c.need(a.Path, index.Ref{SHA256: a.SHA256, Size: a.Size})
	}
	return nil
}

// choose follows what was asked for to what it needs, until nothing new comes up.
func (c *copying) choose(ctx context.Context, lines map[string]index.Line) error {
	docs := map[string]*index.Document{}
	queue := slices.Clone(c.only)
	for len(queue) > 0 {
		w := queue[0]
		queue = queue[1:]
		if !c.choice.add(w) {
			continue
		}
		l, ok := lines[w.name]
		if !ok || l.Gone != "" {
			if err := c.absent(w.name, lines); err != nil {
				return err
			}
			continue
		}
		if docs[w.name] == nil {
			d, err := c.document(ctx, l)
			if err != nil {
				return err
			}
			docs[w.name] = d
		}
		more, err := c.choice.needs(docs[w.name])
		if err != nil {
			return &trust.Error{Code: trust.Format, Found: err.Error(), Err: err}
		}
		queue = append(queue, more...)
	}
	if err := c.choice.checkWishes(c.only, docs, c.Warn); err != nil {
		return err
	}
	for _, d := range docs {
		if err := c.releases(d); err != nil {
			return err
		}
	}
	return nil
}

// absent is the error for a Kube that was asked for and is not there, and a warning
// about one that is only needed.
func (c *copying) absent(name string, lines map[string]index.Line) error {
	delete(c.choice, name)
	if slices.ContainsFunc(c.only, func(o wanted) bool { return o.name == name }) {
		facts := errcode.Facts{}
		if near, edits := kube.Nearest(name, slices.Sorted(maps.Keys(lines))); near != "" && edits <= 2 && lines[near].Gone == "" {
			facts["near"] = near
		}
		return errcode.With(errcode.NotFound, facts, fmt.Errorf("there is no Kube %q in repository %s", name, c.head.Repository))
	}
	c.Warn(fmt.Sprintf("Kube %s is needed, and repository %s does not have it", name, c.head.Repository))
	return nil
}

// releases notes the files of the releases that were chosen, and that the others are
// left out.
func (c *copying) releases(d *index.Document) error {
	for _, r := range d.Releases {
		switch {
		case r.Withdrawn != "":
		case c.choice.admits(d.Name, r.Version):
			if err := c.release(d.Name, r); err != nil {
				return err
			}
		default:
			c.lacks[d.Name] = append(c.lacks[d.Name], r.Version)
		}
	}
	return nil
}
