package mirror

import (
	"context"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/kpm-sh/kpm/internal/images"
	"github.com/kpm-sh/kpm/internal/images/layout"
	"github.com/kpm-sh/kpm/internal/images/registry"
)

// pulling copies images into the layout of a mirror: first it learns of all what there
// is to copy, then it copies, atOnce at the same time, and index.json comes last.
type pulling struct {
	layout    layout.Layout
	client    *registry.Client
	platforms []string // none: all
	note      func(text string)
	listen    func(Progress) // nil: nobody does
	had       []layout.Entry // of index.json before

	mu       sync.Mutex // of what follows
	inMemory int64      // bytes of manifests
	turns    map[string]*sync.Mutex
	slots    chan struct{}           // one for each download
	entries  map[string]layout.Entry // of index.json after
	done     Progress
	copied   int64 // bytes
}

func newPulling(dir string) *pulling {
	return &pulling{
		layout: layout.Layout{Dir: dir}, turns: map[string]*sync.Mutex{}, slots: make(chan struct{}, atOnce), entries: map[string]layout.Entry{},
	}
}

// pulled is an image on its way.
type pulled struct {
	images.Ref
	top    *tree
	refers []referrer
	copied bool  // something of it was
	err    error // why it cannot be had
}

// imagesAtOnce is how many images are looked at at the same time. It is more than atOnce:
// while the last blobs of some are brought to the disk, those of others come.
const imagesAtOnce = 2 * atOnce

// each does something with every image that can be had, some at the same time.
func (p *pulling) each(ctx context.Context, all []*pulled, do func(context.Context, *pulled) error) error {
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(imagesAtOnce)
	for _, image := range all {
		if image.err != nil {
			continue
		}
		g.Go(func() error {
			image.err = do(gctx, image)
			return gctx.Err()
		})
	}
	return g.Wait()
}

// list puts an image and what refers to it into index.json. Of one that cannot be had
// stays what there was.
func (p *pulling) list(image *pulled) {
	if image.err != nil {
		for _, e := range p.had {
			if _, ok := p.entries[key(e)]; !ok && e.Ref.Name() == image.Name() {
				p.entries[key(e)] = e
			}
		}
		return
	}
	e := layout.Entry{Descriptor: image.top.Descriptor, Ref: image.Ref}
	if other, ok := p.entries[key(e)]; ok && other.Digest != e.Digest {
		other.Ref.Tag = "" // an older release's
		p.entries[key(other)] = other
	}
	p.entries[key(e)] = e
	for _, r := range image.refers {
		p.entries[key(r.Entry)] = r.Entry
	}
}

// key is what an entry is unique by: a tag leads to one manifest.
func key(e layout.Entry) string {
	if e.Ref.Tag != "" {
		return e.Ref.Name() + ":" + e.Ref.Tag
	}
	return e.Ref.Name() + "@" + e.Digest
}
