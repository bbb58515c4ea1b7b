package indexer

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"

	"github.com/kpm-sh/kpm/internal/index"
)

// carry makes sure that everything the published head leads to is in the site,
// with its size and digest. What is missing comes from the source, as in CI,
// which starts with an empty site; what differs is an error.
func (p *publisher) carry(ctx context.Context) error {
	if p.published == nil {
		return nil
	}
	all, err := p.published.files(ctx, p.leads, p.readPublished)
	if err != nil {
		return err
	}
	if p.Previous != "" {
		if err := p.history(ctx, all); err != nil {
			return err
		}
	}
	paths := make([]string, 0, len(all))
	for path := range all {
		paths = append(paths, path)
	}
	return forEach(ctx, paths, p.Report.stage("checking published files", len(paths)), func(path string) error {
		if err := p.carryFile(ctx, path, all[path]); err != nil {
			return fmt.Errorf("the published file %s: %w", path, err)
		}
		return nil
	})
}

// files lists what the head leads to: parts, documents, archives, bundles. The
// documents of folders were read already; leads says what they name.
func (p *Published) files(ctx context.Context, leads []map[string]index.Ref, read reader) (map[string]index.Ref, error) {
	all := map[string]index.Ref{}
	for _, s := range p.Head.Segments {
		for _, part := range s.Parts {
			all[index.ObjectPath(part.SHA256)] = part.Ref()
		}
	}
	for _, l := range leads {
		maps.Copy(all, l)
	}
	for _, l := range p.Lines {
		path := index.ObjectPath(l.Doc.SHA256)
		if _, ok := all[path]; ok {
			continue
		}
		d, err := readDocument(ctx, l, read)
		if err != nil {
			return nil, err
		}
		all[path] = l.Doc
		maps.Copy(all, files(d))
	}
	return all, nil
}

// history adds the heads before the published one, as long as they are there,
// and what they lead to: a site that starts empty must not cut the chain.
func (p *publisher) history(ctx context.Context, all map[string]index.Ref) error {
	m := &maintained{source: p.source, chain: p.chain, published: p.published}
	var withdrawn []string // older documents still name their files
	r := &reach{read: m.object, files: map[string]index.Ref{}, document: func(d *index.Document) {
		for _, rel := range d.Releases {
			if rel.Withdrawn != "" {
				withdrawn = append(withdrawn, index.ArchivePath(d.Name, rel.Version), index.ProvenancePath(d.Name, rel.Version))
			}
		}
	}}
	if err := r.head(ctx, p.published.Head); err != nil {
		return err
	}
	defer func() {
		for _, path := range withdrawn {
			delete(r.files, path)
		}
		maps.Copy(all, r.files)
	}()
	for old, err := range m.history(ctx) {
		if errors.Is(err, errChainEnds) {
			return nil
		}
		if err != nil {
			return err
		}
		r.files[index.ObjectPath(old.Stored.SHA256)] = old.Stored.Ref
		if p.chain.graceOver(old.Head, p.Now) {
			return nil
		}
		if err := r.head(ctx, old.Head); err != nil {
			return err
		}
	}
	return nil
}

func (p *publisher) carryFile(ctx context.Context, path string, ref index.Ref) error {
	if _, err := os.Stat(p.site.at(path)); errors.Is(err, fs.ErrNotExist) {
		data, err := p.source.Object(ctx, path, ref, false)
		if err != nil {
			return err
		}
		return p.site.add(File{path, ref, opener(data)})
	}
	ok, err := p.site.has(path, ref)
	if err == nil && !ok {
		err = fmt.Errorf("the site has other bytes than the index says (sha256 %s, %d bytes)", ref.SHA256, ref.Size)
	}
	return err
}
