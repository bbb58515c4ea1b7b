package indexer

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/kpm-sh/kpm/internal/atomicfile"
	"github.com/kpm-sh/kpm/internal/errcode"
	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/inputfile"
	"github.com/kpm-sh/kpm/internal/pagelist"
)

// Draw draws the web site of what a publish announces, and hands each page to
// pages. Its archives and documents are in place already.
type Draw func(ctx context.Context, o *Opened, pages *Pages) error

// Pages takes the pages of one publish. They wait in a folder of the site until
// the head that lists them is in place. Its methods may be called from several
// goroutines.
type Pages struct {
	// Before are the records that the pages of the publish before show, nil
	// where there are none, or where another program drew them, or with other
	// settings: then everything has to be drawn.
	Before []index.Line

	site   site
	was    *pagelist.List  // of the publish before, nil where there is none
	listed []pagelist.Page // its pages, by path
	dir    string          // where new pages wait
	mu     sync.Mutex
	list   []pagelist.Page
	staged map[string]string // where a page waits, by path
}

// newPages opens what the publish before has drawn. Lists and pages can be made
// again, so what of them cannot be read counts as not there.
func newPages(ctx context.Context, s site, published *state, read reader, drawn string) (*Pages, error) {
	p := &Pages{site: s, dir: path.Join(stagingDir, "pages"), staged: map[string]string{}}
	if err := atomicfile.MakeFolder(s.at(p.dir)); err != nil {
		return nil, fmt.Errorf("making the folder of new pages: %w", err)
	}
	if published == nil {
		return p, nil
	}
	list, err := pagelist.Read(ctx, published.Head, read)
	if err != nil || list == nil {
		return p, ctx.Err()
	}
	p.was, p.listed = list, list.Pages
	if list.Drawn == drawn {
		p.Before = published.Lines
	}
	return p, nil
}

// under are the pages of the publish before whose path is prefix or, where that
// ends with a slash, lies below it.
func (p *Pages) under(prefix string) []pagelist.Page {
	from, _ := slices.BinarySearchFunc(p.listed, prefix, func(at pagelist.Page, prefix string) int { return strings.Compare(at.Path, prefix) })
	to := from
	for to < len(p.listed) && (p.listed[to].Path == prefix || strings.HasSuffix(prefix, "/") && strings.HasPrefix(p.listed[to].Path, prefix)) {
		to++
	}
	return p.listed[from:to]
}

func (p *Pages) isListed(at string) bool {
	_, ok := slices.BinarySearchFunc(p.listed, at, func(page pagelist.Page, at string) int { return strings.Compare(page.Path, at) })
	return ok
}

// Keep takes the pages of the publish before that lie at prefix, or below it if
// it ends with a slash, as they are. It reports false, and takes none, where
// there are none or one of them is not in place with its bytes.
func (p *Pages) Keep(prefix string) (bool, error) {
	old := p.under(prefix)
	for _, at := range old {
		if ok, err := p.site.has(at.Path, at.Ref); !ok || err != nil {
			return false, err
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.list = append(p.list, old...)
	return len(old) > 0, nil
}

// Put takes a page. It does not keep data. Somebody's own page in its place is an error
// (FOREIGN_PAGE); one that the publish before listed is replaced, whatever it is now.
func (p *Pages) Put(at string, data []byte) error {
	ref := index.RefOf(data)
	there, err := p.site.has(at, ref)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("drawing %s: %w", at, err)
	}
	if !there && !p.isListed(at) {
		old, err := inputfile.Read(p.site.at(at), pagelist.MaxPage)
		if err == nil && pagelist.Foreign(at, old) {
			return errcode.With(errcode.ForeignPage, nil, fmt.Errorf("drawing %s: a file that is no page of this repository is there", p.site.at(at)))
		}
	}
	p.mu.Lock()
	p.list = append(p.list, pagelist.Page{Path: at, Ref: ref})
	waits := ""
	if !there {
		waits = path.Join(p.dir, fmt.Sprint(len(p.list)))
		p.staged[at] = waits
	}
	p.mu.Unlock()
	if there {
		return nil
	}
	if err := os.WriteFile(p.site.at(waits), data, 0o644); err != nil {
		return fmt.Errorf("drawing %s: %w", at, err)
	}
	return os.Chmod(p.site.at(waits), 0o644) // whatever the umask: see atomicfile.MakeFolder
}

// place puts the new pages in their places, and takes away those of the publish
// before that are not listed any more.
func (p *Pages) place() error {
	var faults []error
	for at, waits := range p.staged {
		faults = append(faults, p.placeOne(at, waits))
	}
	now := map[string]bool{}
	for _, page := range p.list {
		now[page.Path] = true
	}
	for _, old := range p.listed {
		if !now[old.Path] {
			faults = append(faults, p.site.removePage(old.Path))
		}
	}
	return errors.Join(faults...)
}

func (p *Pages) placeOne(at, waits string) error {
	if err := atomicfile.MakeFolder(filepath.Dir(p.site.at(at))); err != nil {
		return err
	}
	return os.Rename(p.site.at(waits), p.site.at(at))
}

// removePage removes a page and the folders that are empty without it.
func (s site) removePage(at string) error {
	if err := os.Remove(s.at(at)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for dir := path.Dir(at); dir != "."; dir = path.Dir(dir) {
		if os.Remove(s.at(dir)) != nil {
			break // it holds something
		}
	}
	return nil
}
