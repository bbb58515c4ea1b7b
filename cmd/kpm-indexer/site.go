package main

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"

	"github.com/kpm-sh/kpm/indexer"
	"github.com/kpm-sh/kpm/internal/atomicfile"
	"github.com/kpm-sh/kpm/internal/errcode"
	"github.com/kpm-sh/kpm/internal/pagelist"
	"github.com/kpm-sh/kpm/site"
)

type siteCmd struct {
	siteFlags
	Out    string `required:"" placeholder:"DIR" help:"The folder to draw the pages into."`
	URL    string `placeholder:"URL" help:"Where the site is served, as commands on the pages show it, instead of what the index says."`
	Source string `placeholder:"URL" help:"Where the packages repository is developed, instead of what the index says."`
}

// Run draws the web site of what is published into another folder.
func (c siteCmd) Run(ctx context.Context, std stdio) error {
	for _, address := range []string{c.URL, c.Source} {
		if err := indexer.CheckURL(address); err != nil {
			return usage("%w", err)
		}
	}
	o, err := c.options(std)
	if err != nil {
		return err
	}
	opened, err := indexer.Open(ctx, o)
	if err != nil {
		return err
	}
	r := repositoryOf(opened)
	r.URL, r.Source = cmp.Or(c.URL, r.URL), cmp.Or(c.Source, r.Source)
	var pages atomic.Int64
	err = site.Draw(ctx, r, func(p site.Page) error {
		pages.Add(1)
		return writePage(c.Out, p)
	})
	if err != nil {
		return err
	}
	std.say("Drew %d pages of %s into %s", pages.Load(), opened.Head.Repository, c.Out)
	return nil
}

// writePage puts a page in its place, unless its bytes are there. A crash may
// lose it, and the next drawing makes it again; nobody sees half of it.
func writePage(dir string, p site.Page) error {
	at := filepath.Join(dir, filepath.FromSlash(p.Path))
	switch old, err := os.ReadFile(at); {
	case err == nil && bytes.Equal(old, p.Data):
		return nil
	case err == nil && pagelist.Foreign(p.Path, old):
		return errcode.With(errcode.ForeignPage, nil, fmt.Errorf("drawing %s: a file that is no page of this repository is there", at))
	}
	if err := atomicfile.MakeFolder(filepath.Dir(at)); err != nil {
		return err
	}
	temporary := at + ".new"
	if err := os.WriteFile(temporary, p.Data, 0o644); err != nil {
		return err
	}
	if err := os.Chmod(temporary, 0o644); err != nil { // whatever the umask: see MakeFolder
		return err
	}
	return os.Rename(temporary, at)
}
