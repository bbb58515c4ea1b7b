package indexer

import (
	"context"

	"github.com/kpm-sh/kpm/internal/index"
)

// What a test builds a publication of.
type (
	Published = state
	Revision  = revision
	Terms     = terms
)

// Build is build.
var Build = build

// PublishChanged is Publish of a publication that is changed before it is
// written, as a fault of the publisher's own would change it.
func PublishChanged(ctx context.Context, o Options, change func(*index.Publication)) error {
	s := site{o.Site}
	unlock, err := s.lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	dir, remove, err := s.staging()
	if err != nil {
		return err
	}
	defer remove()
	r, err := openToPublish(ctx, o, &Result{})
	if err != nil {
		return err
	}
	folders, err := scan(o.Packages, r.published)
	if err != nil {
		return err
	}
	c, err := reviseAll(ctx, o, r, folders, dir, newResolver(o))
	if err != nil {
		return err
	}
	p := publisher{repository: r, site: s, signers: r.signers, now: o.Now, life: o.ExpiresIn}
	publication, err := build(r.published, c.revisions, p.terms(r.nextSeq()))
	if err != nil {
		return err
	}
	change(publication)
	return p.publish(ctx, publication, c.leads, &Result{})
}

// Add adds one file to the site in a folder.
func Add(dir string, f index.File) error { return site{dir}.add(f) }
