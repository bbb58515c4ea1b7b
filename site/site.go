package site

import (
	"context"

	"github.com/kpm-sh/kpm/internal/pagelist"
)

// Draw draws every page and hands each to emit, which is called from several
// goroutines and must not keep Data. Pages come in no particular order. What
// r.Keep keeps is neither drawn nor handed on: pages that show only what
// r.Before has said already.
func Draw(ctx context.Context, r Repository, emit func(Page) error) error {
	tmpl, err := newTemplates()
	if err != nil {
		return err
	}
	c := newCatalog(r.Lines)
	if err := c.readFacts(ctx, r); err != nil {
		return err
	}
	p := &printer{Repository: r, templates: tmpl, emit: emit, before: newCatalog(r.Before)}
	for _, print := range []func(*printer, *catalog) error{printAssets, printSearch, printLists, printKeywords, printStatus, printGuides, printFeed, printNotFound} {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := print(p, c); err != nil {
			return err
		}
	}
	if err := printHome(ctx, p, c); err != nil {
		return err
	}
	return each(ctx, len(c.kubes), func(ctx context.Context, i int) error {
		k := c.kubes[i]
		if c.shows(p.before, k) {
			if kept, err := p.keep(pagelist.KubeFolder(k.Name)); kept || err != nil {
				return err
			}
		}
		return printKube(ctx, p, c, k)
	})
}
