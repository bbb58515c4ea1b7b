package indexer

import (
	"context"
	"errors"
	"io/fs"
	"maps"
	"os"
	"slices"
	"time"

	"github.com/kpm-sh/kpm/internal/index"
)

// carry makes sure that everything the published head leads to is in the site s,
// with its size and digest. What is missing comes from the source, as in CI,
// which starts with an empty site; what differs is an error. leads are what is
// known already of what the documents name.
func (r *repository) carry(ctx context.Context, s site, leads []map[string]index.Ref, now time.Time, report Report) error {
	all, err := r.published.files(ctx, leads, r.read)
	if err != nil {
		return err
	}
	if r.elsewhere {
		if err := r.addHistory(ctx, all, now); err != nil {
			return err
		}
	}
	if !r.elsewhere {
		for _, l := range r.published.Lines {
			delete(all, index.ObjectPath(l.Doc.SHA256)) // all have been read, which checks them
		}
	}
	paths := slices.Collect(maps.Keys(all))
	return forEach(ctx, paths, report.stage("checking published files", len(paths)), func(path string) error {
		return damaged(path, r.carryFile(ctx, s, path, all[path]))
	})
}

// files lists what the head leads to: parts, documents, archives, bundles. The
// documents of folders were read already; leads says what they name.
func (p *state) files(ctx context.Context, leads []map[string]index.Ref, read reader) (map[string]index.Ref, error) {
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

// addHistory adds the heads before the published one, as long as they are there,
// and what they lead to: a site that starts empty must not cut the chain.
func (r *repository) addHistory(ctx context.Context, all map[string]index.Ref, now time.Time) error {
	var withdrawn []string // older documents still name their files
	past := &reach{read: r.read, files: map[string]index.Ref{}, document: func(d *index.Document) {
		for _, rel := range d.Releases {
			if rel.Withdrawn != "" {
				withdrawn = append(withdrawn, index.ArchivePath(d.Name, rel.Version), index.ProvenancePath(d.Name, rel.Version))
			}
		}
	}}
	if err := past.head(ctx, r.published.Head); err != nil {
		return err
	}
	defer func() {
		for _, path := range withdrawn {
			delete(past.files, path)
		}
		maps.Copy(all, past.files)
	}()
	for old, err := range r.history(ctx) {
		if errors.Is(err, errChainEnds) {
			return nil
		}
		if err != nil {
			return err
		}
		past.files[index.ObjectPath(old.Stored.SHA256)] = old.Stored.Ref
		if r.chain.graceOver(old.Head, now) {
			return nil
		}
		if err := past.head(ctx, old.Head); err != nil {
			return err
		}
	}
	return nil
}

func (r *repository) carryFile(ctx context.Context, s site, path string, ref index.Ref) error {
	if ok, err := s.has(path, ref); ok || err != nil {
		return err
	}
	if _, err := os.Stat(s.at(path)); !errors.Is(err, fs.ErrNotExist) {
		_, err := s.read(path, ref)
		return err
	}
	data, err := r.source.Object(ctx, path, ref, false)
	if err != nil {
		return damaged(r.named(path), err)
	}
	return s.add(dataFile(path, data))
}
