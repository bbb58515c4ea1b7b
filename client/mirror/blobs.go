package mirror

import (
	"context"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/kpm-sh/kpm/internal/fetch"
	"github.com/kpm-sh/kpm/internal/images"
)

// copyImage copies what the layout lacks of an image.
func (p *pulling) copyImage(ctx context.Context, image *pulled) error {
	if err := p.plant(ctx, image, image.top); err != nil {
		return err
	}
	for _, r := range image.refers {
		if r.top == nil {
			continue
		}
		if err := p.plant(ctx, image, r.top); err != nil {
			return err
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done.Images++
	p.progress(0)
	return nil
}

// progress tells of bytes that came. p.mu is held.
func (p *pulling) progress(more int64) {
	p.done.Bytes += more
	if p.listen != nil {
		p.listen(p.done)
	}
}

// plant copies a tree: the manifest comes after all that it names.
func (p *pulling) plant(ctx context.Context, image *pulled, t *tree) error {
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(atOnce)
	for _, b := range t.below {
		g.Go(func() error { return p.plant(gctx, image, b) })
	}
	for _, d := range t.blobs {
		g.Go(func() error { return p.blob(gctx, image, d) })
	}
	if err := g.Wait(); err != nil || p.layout.Has(t.Descriptor) {
		return err
	}
	body := t.body
	if body == nil {
		var err error
		if body, _, err = p.client.Manifest(ctx, images.Ref{Host: image.Host, Path: image.Path, Digest: t.Digest}); err != nil {
			return err
		}
	}
	if _, err := p.layout.Add(body); err != nil {
		return err
	}
	p.addCopied(image, t.Size, t.Size)
	return nil
}

// blob copies a blob, unless it is there or comes for another image. While it is brought
// to the disk the next one comes.
func (p *pulling) blob(ctx context.Context, image *pulled, d images.Descriptor) error {
	turn := p.turn(d.Digest)
	turn.Lock()
	defer turn.Unlock()
	if p.layout.Has(d) {
		return nil
	}
	at, err := p.layout.Blob(d.Digest)
	if err != nil {
		return err
	}
	got, told, err := p.receive(ctx, image, d, at)
	if err == nil {
		err = got.Keep()
	}
	if err != nil {
		return err
	}
	p.addCopied(image, d.Size, d.Size-told)
	return nil
}

// receive gets a blob as soon as one of the slots is free, and tells how many bytes of
// it were told of.
func (p *pulling) receive(ctx context.Context, image *pulled, d images.Descriptor, at string) (got *fetch.Received, told int64, err error) {
	p.slots <- struct{}{}
	defer func() { <-p.slots }()
	got, err = p.client.Receive(ctx, image.Ref, d, at, func(done, _ int64) {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.progress(done - told)
		told = done
	})
	return got, told, err
}

// turn is held by the one that copies a blob.
func (p *pulling) turn(digest string) *sync.Mutex {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.turns[digest] == nil {
		p.turns[digest] = &sync.Mutex{}
	}
	return p.turns[digest]
}

// addCopied notes what was copied; untold are the bytes that nobody was told of.
func (p *pulling) addCopied(image *pulled, size, untold int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	image.copied = true
	p.copied += size
	p.progress(untold)
}
