package mirror

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/mirrorfile"
	"github.com/kpm-sh/kpm/internal/pagelist"
)

// pageError says that a page of the origin is not the one that its head lists: a
// publisher writes pages after the head.
type pageError struct {
	path string
	err  error
	note mirrorfile.File
}

func (e *pageError) Error() string { return fmt.Sprintf("page %s is not as listed: %v", e.path, e.err) }
func (e *pageError) Unwrap() error { return e.err }

// noted leaves in a page's error what mirror.json says when nothing else was wrong.
func noted(err error, now mirrorfile.File) error {
	if page := new(pageError); errors.As(err, &page) {
		page.note = now
	}
	return err
}

// pageList are the pages of a head that belong to what is mirrored: a page of another
// Kube is left out.
func (c *copying) pageList(ctx context.Context, h *index.Head) ([]pagelist.Page, error) {
	list, err := pagelist.Read(ctx, h, c.object)
	if err != nil || list == nil {
		return nil, err
	}
	if len(c.only) == 0 {
		return list.Pages, nil
	}
	var mine []pagelist.Page
	for _, p := range list.Pages {
		rest, ofKube := strings.CutPrefix(p.Path, "pages/")
		name, _, _ := strings.Cut(rest, "/")
		if !ofKube || c.kubes[name] {
			mine = append(mine, p)
		}
	}
	return mine, nil
}

// pages copies the web site of the head, and takes away what is not of it any more.
func (c *copying) pages(ctx context.Context) error {
	list, err := c.pageList(ctx, c.head.Head)
	if err != nil {
		return err
	}
	before := c.pagesBefore(ctx)
	var differs *pageError
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(atOnce)
	for _, p := range list {
		was := before[p.Path]
		delete(before, p.Path)
		if c.hasPage(p, was) {
			continue
		}
		g.Go(func() error {
			err := c.page(gctx, p)
			if err != nil && vanished(err) {
				c.mu.Lock()
				differs = &pageError{path: p.Path, err: err}
				c.mu.Unlock()
				return nil
			}
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	for path := range before {
		if err := os.Remove(c.folder.at(path)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("removing a page: %w", err)
		}
	}
	if differs != nil {
		return differs
	}
	return nil
}

// pagesBefore are the pages of the head that the folder has, as far as their list is
// there.
func (c *copying) pagesBefore(ctx context.Context) map[string]index.Ref {
	before := map[string]index.Ref{}
	if c.old == nil {
		return before
	}
	old, err := pagelist.Read(ctx, c.old.Head, c.atHand)
	if err != nil || old == nil {
		return before
	}
	for _, p := range old.Pages {
		before[p.Path] = p.Ref
	}
	return before
}

// hasPage reports whether a page is in the folder; was is what it was in the head before.
func (c *copying) hasPage(p pagelist.Page, was index.Ref) bool {
	if !c.fresh && was == p.Ref && c.folder.has(p.Path, p.Size) {
		return true
	}
	_, ok := c.folder.read(p.Path, p.Ref)
	return ok
}

func (c *copying) page(ctx context.Context, p pagelist.Page) error {
	data, err := c.fetch(ctx, p.Path, p.Ref)
	if err != nil {
		return err
	}
	return c.folder.write(p.Path, data)
}

// atHand reads an object of the folder alone.
func (c *copying) atHand(_ context.Context, path string, ref index.Ref) ([]byte, error) {
	if data, ok := c.folder.read(path, ref); ok {
		return data, nil
	}
	return nil, fs.ErrNotExist
}
