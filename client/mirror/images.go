package mirror

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/kpm-sh/kpm/internal/errcode"
	"github.com/kpm-sh/kpm/internal/images"
	"github.com/kpm-sh/kpm/internal/images/layout"
	"github.com/kpm-sh/kpm/internal/images/registry"
)

// pulling copies images into the layout of a mirror.
type pulling struct {
	*copying
	layout  layout.Layout
	entries map[string]layout.Entry
	copied  bool // something of the image at hand was copied
}

// copyImages copies the images of what is mirrored: by the digest that the release was
// published with, else by what the tag means now. One that cannot be had does not keep
// others from being copied.
func copyImages(ctx context.Context, c *copying) error {
	if c.Images == nil {
		return nil
	}
	p := &pulling{copying: c, layout: layout.Layout{Dir: c.folder.at(ImagesFolder)}, entries: map[string]layout.Entry{}}
	had, err := p.layout.Entries()
	if err != nil {
		return err
	}
	for _, e := range had {
		p.entries[key(e)] = e
	}
	wanted := wantedImages(c)
	c.done = Progress{OfImages: int64(len(wanted))}
	var failed []error
	for _, ref := range wanted {
		p.copied = false
		if err := p.image(ctx, ref); err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			c.Warn(err.Error())
			failed = append(failed, err)
		}
		if p.copied {
			c.result.Images++
		}
		c.done.Images++
		if c.Progress != nil {
			c.Progress(c.done)
		}
	}
	if len(failed) > 0 {
		return fmt.Errorf("%d of %d images could not be mirrored, the first: %w", len(failed), len(wanted), failed[0])
	}
	return nil
}

// key is what an entry is unique by: a tag leads to one manifest.
func key(e layout.Entry) string {
	if e.Ref.Tag != "" {
		return e.Ref.Name() + ":" + e.Ref.Tag
	}
	return e.Ref.Name() + "@" + e.Digest
}

// wantedImages are the images of the releases that are mirrored, each once. Of two
// releases that name one tag with two digests both are.
func wantedImages(c *copying) []images.Ref {
	seen := map[string]images.Ref{}
	for _, d := range c.docs {
		for _, r := range slices.Backward(d.Releases) { // the newest last: its tag stays
			if r.Withdrawn != "" || !c.choice.admits(d.Name, r.Version) {
				continue
			}
			for _, image := range r.Images {
				ref, err := images.Parse(image.Ref)
				if err != nil {
					c.Warn(fmt.Sprintf("%s %s: %v", d.Name, r.Version, err))
					continue
				}
				ref.Digest = cmp.Or(ref.Digest, image.Digest)
				seen[ref.String()] = ref
			}
		}
	}
	all := make([]images.Ref, 0, len(seen))
	for _, ref := range seen {
		all = append(all, ref)
	}
	slices.SortFunc(all, func(a, b images.Ref) int { return strings.Compare(a.String(), b.String()) })
	return all
}

// image copies one image, and what refers to it.
func (p *pulling) image(ctx context.Context, ref images.Ref) error {
	if err := p.compare(ctx, &ref); err != nil {
		return err
	}
	d, all, err := p.manifest(ctx, ref, 0)
	if err != nil {
		return err
	}
	e := layout.Entry{Descriptor: d, Ref: ref}
	p.entries[key(e)] = e
	for _, digest := range all {
		if err := p.referrers(ctx, ref, digest); err != nil {
			return err
		}
	}
	if !p.copied && p.layoutHas(e) {
		return nil
	}
	var entries []layout.Entry
	for _, e := range p.entries {
		entries = append(entries, e)
	}
	return p.layout.Write(entries)
}

func (p *pulling) layoutHas(e layout.Entry) bool {
	had, err := p.layout.Entries()
	return err == nil && slices.ContainsFunc(had, func(o layout.Entry) bool { return key(o) == key(e) && o.Digest == e.Digest })
}

// compare asks what the tag means now. Where a digest was published that stands, and
// another is told.
func (p *pulling) compare(ctx context.Context, ref *images.Ref) error {
	if ref.Tag == "" {
		return nil
	}
	_, now, err := p.Images.Manifest(ctx, images.Ref{Host: ref.Host, Path: ref.Path, Tag: ref.Tag})
	switch {
	case ref.Digest == "" && err != nil:
		return err
	case ref.Digest == "":
		ref.Digest = now
	case err != nil && p.layout.Has(images.Descriptor{Digest: ref.Digest}):
	case err == nil && now != ref.Digest:
		p.Note(fmt.Sprintf("image %s:%s is %s at its origin now; what was published, %s, is mirrored", ref.Name(), ref.Tag, now, ref.Digest))
	}
	return nil
}

// maxIndexes is how many indexes may lie in each other.
const maxIndexes = 3

// manifest copies a manifest or an index with all that is below it, and gives the
// digests of the manifests. What is there already is not asked for.
func (p *pulling) manifest(ctx context.Context, ref images.Ref, depth int) (images.Descriptor, []string, error) {
	body, err := p.layout.Manifest(ref.Digest)
	if err != nil {
		if body, _, err = p.Images.Manifest(ctx, images.Ref{Host: ref.Host, Path: ref.Path, Digest: ref.Digest}); err != nil {
			return images.Descriptor{}, nil, err
		}
		p.took(int64(len(body)))
	}
	m, err := images.ParseManifest(body)
	if err == nil && depth > maxIndexes {
		err = errors.New("too many indexes lie in each other")
	}
	if err != nil {
		return images.Descriptor{}, nil, fmt.Errorf("image %s: %w", ref, err)
	}
	all := []string{ref.Digest}
	for _, child := range chosen(m, p.Platforms) {
		_, some, err := p.manifest(ctx, images.Ref{Host: ref.Host, Path: ref.Path, Digest: child.Digest}, depth+1)
		if err != nil {
			return images.Descriptor{}, nil, err
		}
		all = append(all, some...)
	}
	if m.Index() && len(m.Manifests) > 0 && len(all) == 1 {
		return images.Descriptor{}, nil, errcode.With(errcode.NoImage, errcode.Facts{"host": ref.Host}, fmt.Errorf("image %s is for none of %s", ref, strings.Join(p.Platforms, ", ")))
	}
	for _, d := range m.Blobs() {
		if err := p.blob(ctx, ref, d); err != nil {
			return images.Descriptor{}, nil, err
		}
	}
	d, err := p.layout.Add(body) // last: what it names is there
	return d, all, err
}

// chosen are the manifests of an index that are wanted: those of the platforms, and the
// attestations of these.
func chosen(m *images.Manifest, platforms []string) []images.Descriptor {
	var all []images.Descriptor
	has := map[string]bool{}
	for _, d := range m.Manifests {
		if d.Platform.String() != "" && d.Platform.Fits(platforms) {
			all, has[d.Digest] = append(all, d), true
		}
	}
	for _, d := range m.Manifests {
		about := d.Annotations["vnd.docker.reference.digest"]
		if d.Platform.String() == "" && (has[about] || about == "" || len(platforms) == 0) {
			all = append(all, d)
		}
	}
	return all
}

func (p *pulling) blob(ctx context.Context, ref images.Ref, d images.Descriptor) error {
	if p.layout.Has(d) {
		return nil
	}
	at, err := p.layout.Blob(d.Digest)
	if err != nil {
		return err
	}
	if err := p.Images.Download(ctx, ref, d, at, nil); err != nil {
		return err
	}
	p.took(d.Size)
	return nil
}

func (p *pulling) took(size int64) {
	p.copied = true
	p.result.ImageBytes += size
}

// referrers copies the signatures and attestations that are about a manifest.
func (p *pulling) referrers(ctx context.Context, ref images.Ref, digest string) error {
	found, err := p.Images.Referrers(ctx, ref, digest)
	if errors.Is(err, registry.ErrUnreachable) && !p.copied {
		return nil // the image itself is there
	}
	if err != nil {
		return err
	}
	for _, r := range found {
		d, _, err := p.manifest(ctx, r, 1)
		if err != nil {
			return err
		}
		e := layout.Entry{Descriptor: d, Ref: r, Subject: digest}
		p.entries[key(e)] = e
	}
	return nil
}
