package mirror

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/kpm-sh/kpm/internal/images"
	"github.com/kpm-sh/kpm/internal/images/layout"
	"github.com/kpm-sh/kpm/internal/index"
)

// copyImages copies the images of what is mirrored: by the digest that the release was
// published with, else by what the tag means now. One that cannot be had does not keep
// others from being copied. When all are there, blobs that none needs are removed.
func copyImages(ctx context.Context, c *copying) error {
	if c.Images == nil {
		return nil
	}
	if c.Checksum {
		if err := (layout.Layout{Dir: c.folder.at(imagesFolder)}).RemoveDamaged(); err != nil {
			return err
		}
	}
	p, all, err := findImages(ctx, c)
	if err != nil {
		return err
	}
	err = p.each(ctx, all, p.copyImage)
	c.result.ImageBytes += p.copied
	if err != nil {
		return err
	}
	for _, image := range all {
		p.list(image)
		if image.copied {
			c.result.Images++
		}
	}
	if entries := slices.Collect(maps.Values(p.entries)); len(entries)+len(p.had) > 0 {
		if err := p.layout.Write(entries); err != nil {
			return err
		}
	}
	if err := lost(all, c.Warn); err != nil {
		return err
	}
	return p.layout.Sweep(p.platforms)
}

// imageError says which images cannot be had, and why the first cannot.
type imageError struct {
	refs []string
	of   int
	err  error
}

func (e *imageError) Error() string {
	return fmt.Sprintf("%d of %d images could not be mirrored, the first: %v", len(e.refs), e.of, e.err)
}

func (e *imageError) Unwrap() error { return e.err }

// lost tells of the images that cannot be had, and is nil if there are none.
func lost(all []*pulled, warn func(string)) error {
	e := &imageError{of: len(all)}
	for _, image := range all {
		if image.err != nil {
			warn(image.err.Error())
			e.refs, e.err = append(e.refs, image.String()), cmp.Or(e.err, image.err)
		}
	}
	if e.err == nil {
		return nil
	}
	return e
}

// measureImages says what copyImages would copy.
func measureImages(ctx context.Context, c *copying) error {
	if c.Images == nil {
		return nil
	}
	p, all, err := findImages(ctx, c)
	if err != nil {
		return err
	}
	for _, image := range all {
		if image.err == nil && image.lacks(p.layout) {
			c.result.Images++
		}
	}
	c.result.ImageBytes = p.done.OfBytes
	return lost(all, c.Warn)
}

// findImages asks the registries what the images consist of, and counts what is not
// there yet.
func findImages(ctx context.Context, c *copying) (*pulling, []*pulled, error) {
	p := newPulling(c.folder.at(imagesFolder))
	p.client, p.platforms, p.note, p.listen = c.Images, c.Platforms, c.Note, c.Progress
	var err error
	if p.had, err = p.layout.Entries(); err != nil {
		c.Warn(fmt.Sprintf("%v; it is written anew", err))
	}
	var all []*pulled
	for _, ref := range wantedImages(c.docs, c.choice.admits, c.Warn) {
		all = append(all, &pulled{Ref: ref})
	}
	if err := p.each(ctx, all, p.find); err != nil {
		return nil, nil, err
	}
	p.done = Progress{OfImages: int64(len(all))}
	counted := map[string]bool{}
	for _, image := range all {
		for _, d := range image.parts() {
			if !counted[d.Digest] && !p.layout.Has(d) {
				p.done.OfBytes += d.Size
			}
			counted[d.Digest] = true
		}
	}
	return p, all, nil
}

// wantedImages are the images of the releases that are mirrored, each once, sorted. Of
// two releases that name one tag with two digests both are, the newer release's last.
func wantedImages(docs []*index.Document, mirrored func(name, version string) bool, warn func(string)) []images.Ref {
	var all []images.Ref
	slices.SortFunc(docs, func(a, b *index.Document) int { return strings.Compare(a.Name, b.Name) })
	for _, d := range docs {
		for _, r := range slices.Backward(d.Releases) {
			if r.Withdrawn != "" || !mirrored(d.Name, r.Version) {
				continue
			}
			for _, image := range r.Images {
				ref, err := images.Parse(image.Ref)
				if err != nil {
					warn(fmt.Sprintf("%s %s: %v", d.Name, r.Version, err))
					continue
				}
				ref.Digest = cmp.Or(ref.Digest, image.Digest)
				all = append(all, ref)
			}
		}
	}
	slices.Reverse(all)
	seen := map[images.Ref]bool{}
	all = slices.DeleteFunc(all, func(ref images.Ref) bool {
		again := seen[ref]
		seen[ref] = true
		return again
	})
	slices.Reverse(all)
	slices.SortStableFunc(all, func(a, b images.Ref) int {
		return cmp.Or(strings.Compare(a.Name(), b.Name()), strings.Compare(a.Tag, b.Tag))
	})
	return all
}
