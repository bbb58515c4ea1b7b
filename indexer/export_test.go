package indexer

import "context"

// PublishChanged is Publish of a publication that is changed before it is
// written, as a fault of the publisher's own would change it.
func PublishChanged(ctx context.Context, o Options, change func(*Publication)) error {
	s := site{o.Site}
	unlock, err := s.lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	p := publisher{Options: o, site: s}
	if err := p.open(ctx); err != nil {
		return err
	}
	folders, err := p.scan()
	if err != nil {
		return err
	}
	dir, remove, err := s.staging()
	if err != nil {
		return err
	}
	defer remove()
	revisions, err := p.revise(ctx, folders, dir)
	if err != nil {
		return err
	}
	publication, err := Build(p.published, revisions, p.terms())
	if err != nil {
		return err
	}
	change(publication)
	if err := p.write(ctx, publication); err != nil {
		return err
	}
	return p.sign(publication)
}

// Add adds one file to the site in a folder.
func Add(dir string, f File) error { return site{dir}.add(f) }
