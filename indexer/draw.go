package indexer

import (
	"context"
	"fmt"

	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/pagelist"
)

// keepListed lists the pages as they were listed, whatever lies in their places:
// who draws them the next time sees what differs.
func keepListed(_ context.Context, _ *Opened, pages *Pages) error {
	pages.list = pages.listed
	return nil
}

// draw draws the pages of a publication, and lists them in its head.
func (p publisher) draw(ctx context.Context, publication *index.Publication) (*Pages, error) {
	pages, err := newPages(ctx, p.site, p.repository.published, p.repository.read, p.drawn)
	if err != nil || p.drawer == nil {
		return pages, err
	}
	h := publication.Head
	if was := p.repository.published; was != nil && was.Head.Trust != h.Trust {
		pages.Before = nil // pages say who signs
	}
	o := newOpened(h, publication.Lines, p.repository.chain, func(_ context.Context, path string, ref index.Ref) ([]byte, error) { return p.site.read(path, ref) })
	o.shelf = p.filled(publication)
	if err := p.drawer(ctx, o, pages); err != nil {
		return nil, fmt.Errorf("drawing the web site: %w", err)
	}
	if len(pages.list) == 0 {
		return pages, nil
	}
	root, parts, err := pagelist.Encode(pages.list, p.drawn, pages.was)
	if err != nil {
		return nil, err
	}
	for _, o := range append(parts, root) {
		if err := p.site.add(objectFile(o)); err != nil {
			return nil, err
		}
	}
	h.SetSite(root.Ref)
	return pages, nil
}

// filled is the shelf with the documents of a publication too.
func (p publisher) filled(publication *index.Publication) *shelf {
	all := p.shelf
	if all == nil {
		all = &shelf{}
	}
	now := state{Lines: publication.Lines}
	for _, d := range publication.Documents {
		if l, ok := now.line(d.Name); ok {
			all.put(l.Doc, d)
		}
	}
	return all
}
