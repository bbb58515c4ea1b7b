package mirror

import (
	"context"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/kpm-sh/kpm/internal/atomicfile"
	"github.com/kpm-sh/kpm/internal/fetch"
	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/trust"
)

// copying is one head on its way into the folder.
type copying struct {
	*run
	head  *trust.Head
	fresh bool         // nothing is known of the folder: all is looked at
	begin func() error // before the first write

	mu     sync.Mutex
	kubes  map[string]bool     // that the folder will hold, of those looked at
	lacks  map[string][]string // that it will not hold
	files  map[string]index.Ref
	docs   []*index.Document // of the Kubes looked at
	choice selection
	done   Progress
}

// need notes a file that has to be there in the end.
func (c *copying) need(path string, ref index.Ref) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.files[path] = ref
}

// object gives a file that has to be known to go on: of the folder, else of a source,
// from where it is written to the folder.
func (c *copying) object(ctx context.Context, path string, ref index.Ref) ([]byte, error) {
	if data, ok := c.folder.read(path, ref); ok {
		return data, nil
	}
	c.need(path, ref)
	data, err := c.fetch(ctx, path, ref)
	if err != nil || c.DryRun {
		return data, err
	}
	if err := c.begin(); err != nil {
		return nil, err
	}
	return data, c.folder.write(path, data)
}

// fetch asks the source of the head, and then the others.
func (c *copying) fetch(ctx context.Context, path string, ref index.Ref) (data []byte, err error) {
	if ref.Size > index.MaxPart*4 {
		return nil, fmt.Errorf("%s has %d bytes, which no file of that sort has", path, ref.Size)
	}
	err = c.each(func(s *fetch.Source, noCache bool) error {
		data, err = s.Object(ctx, path, ref, noCache)
		return err
	})
	if err == nil {
		c.count(int64(len(data)))
	}
	return data, missingFile(path, err)
}

// each calls try for each source, and then for each past caches.
func (c *copying) each(try func(s *fetch.Source, noCache bool) error) error {
	var first error
	for _, noCache := range []bool{false, true} {
		for _, s := range append([]*fetch.Source{c.source}, c.Sources...) {
			err := try(s, noCache)
			if err == nil {
				return nil
			}
			if first == nil || !vanished(first) {
				first = err
			}
		}
	}
	return first
}

// count notes a file that was copied.
func (c *copying) count(size int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.result.Files, c.result.Bytes = c.result.Files+1, c.result.Bytes+size
}

// copy fetches what is missing.
func (c *copying) copy(ctx context.Context) error {
	missing := c.missing()
	c.done.Total = int64(len(missing))
	for _, ref := range missing {
		c.done.OfBytes += ref.Size
	}
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(atOnce)
	for path, ref := range missing {
		g.Go(func() error { return c.one(ctx, path, ref) })
	}
	return g.Wait()
}

// missing are the files that the folder does not have.
func (c *copying) missing() map[string]index.Ref {
	all := map[string]index.Ref{}
	for path, ref := range c.files {
		there := c.folder.has(path, ref.Size)
		if there && c.Checksum {
			there = c.folder.holds(path, ref)
		}
		if !there {
			all[path] = ref
		}
	}
	return all
}

// one copies one file. An archive that broke off goes on where it was.
func (c *copying) one(ctx context.Context, path string, ref index.Ref) error {
	at := c.folder.at(path)
	if err := atomicfile.MakeFolder(filepath.Dir(at)); err != nil {
		return err
	}
	if !strings.HasSuffix(path, ".tgz") {
		data, err := c.fetch(ctx, path, ref)
		if err == nil {
			err = c.folder.write(path, data)
		}
		c.tell(ref.Size)
		return err
	}
	err := c.each(func(s *fetch.Source, _ bool) error { return s.Download(ctx, path, ref, at, nil) })
	if err != nil {
		return missingFile(path, err)
	}
	c.count(ref.Size)
	c.tell(ref.Size)
	return nil
}

// tell tells of a file that is done.
func (c *copying) tell(size int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.done.Files, c.done.Bytes = c.done.Files+1, c.done.Bytes+size
	if c.Progress != nil {
		c.Progress(c.done)
	}
}

// measure says what a run would copy.
func (c *copying) measure(ctx context.Context) error {
	if err := sayLeftOut(ctx, c.source, c.choice); err != nil {
		return err
	}
	list, err := c.pageList(ctx, c.head.Head)
	if err != nil {
		return err
	}
	for _, p := range list {
		c.files[p.Path] = p.Ref
	}
	c.result.Files, c.result.Bytes = 0, 0
	for _, ref := range c.missing() {
		c.result.Files, c.result.Bytes = c.result.Files+1, c.result.Bytes+ref.Size
	}
	return measureImages(ctx, c)
}

// checkPath refuses a path of a document that is none of a release's files.
func checkPath(path string) error {
	top, _, _ := strings.Cut(path, "/")
	if !fs.ValidPath(path) || top != "kubes" && top != "objects" || strings.Contains(path, "/.") || strings.ContainsAny(path, "\\:") {
		return &trust.Error{Code: trust.Format, Found: fmt.Sprintf("the index names the file %q", path)}
	}
	return nil
}
