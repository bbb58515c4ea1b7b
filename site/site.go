package site

import "context"

// Draw draws every page and hands each to emit, which is called from several
// goroutines and must not keep Data. Pages come in no particular order.
func Draw(ctx context.Context, r Repository, emit func(Page) error) error {
	tmpl, err := newTemplates()
	if err != nil {
		return err
	}
	c, err := readCatalog(ctx, r)
	if err != nil {
		return err
	}
	p := &printer{Repository: r, templates: tmpl, emit: emit}
	for _, print := range []func(*printer, *catalog) error{printAssets, printSearch, printHome, printLists, printKeywords, printStatus, printGuides, printFeed, printNotFound} {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := print(p, c); err != nil {
			return err
		}
	}
	return each(ctx, len(c.kubes), func(ctx context.Context, i int) error { return printKube(ctx, p, c, c.kubes[i]) })
}
