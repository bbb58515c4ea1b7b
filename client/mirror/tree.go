package mirror

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/kpm-sh/kpm/internal/errcode"
	"github.com/kpm-sh/kpm/internal/images"
	"github.com/kpm-sh/kpm/internal/images/layout"
	"github.com/kpm-sh/kpm/internal/images/registry"
)

// tree is a manifest or an index with all that is below it.
type tree struct {
	images.Descriptor
	body  []byte // nil: it is in the layout, or too much was in memory
	blobs []images.Descriptor
	below []*tree
}

// parts are a tree's manifests and blobs.
func (t *tree) parts() []images.Descriptor {
	all := append([]images.Descriptor{t.Descriptor}, t.blobs...)
	for _, b := range t.below {
		all = append(all, b.parts()...)
	}
	return all
}

// manifests are the digests of a tree's manifests.
func (t *tree) manifests() []string {
	all := []string{t.Digest}
	for _, b := range t.below {
		all = append(all, b.manifests()...)
	}
	return all
}

// referrer is a signature or an attestation, and how index.json lists it.
type referrer struct {
	layout.Entry
	top *tree
}

// parts are all manifests and blobs of an image that can be had.
func (i *pulled) parts() []images.Descriptor {
	if i.err != nil {
		return nil
	}
	all := i.top.parts()
	for _, r := range i.refers {
		if r.top != nil {
			all = append(all, r.top.parts()...)
		}
	}
	return all
}

// lacks reports whether something of an image is not in the layout.
func (i *pulled) lacks(l layout.Layout) bool {
	for _, d := range i.parts() {
		if !l.Has(d) {
			return true
		}
	}
	return false
}

// find asks what an image consists of, and what refers to it.
func (p *pulling) find(ctx context.Context, image *pulled) (err error) {
	body, err := p.compare(ctx, &image.Ref)
	if err != nil {
		return err
	}
	if image.top, err = p.tree(ctx, image.Ref, 0, body); err != nil {
		return err
	}
	for _, digest := range image.top.manifests() {
		some, err := p.referrers(ctx, image, digest)
		if err != nil {
			return err
		}
		image.refers = append(image.refers, some...)
	}
	return nil
}

// compare asks what the tag means now. Where a digest was published that stands, and
// another is told. It gives the manifest that is to be mirrored, where it came by that.
func (p *pulling) compare(ctx context.Context, ref *images.Ref) (body []byte, err error) {
	if ref.Tag == "" {
		return nil, nil
	}
	body, now, err := p.client.Manifest(ctx, images.Ref{Host: ref.Host, Path: ref.Path, Tag: ref.Tag})
	switch {
	case ref.Digest == "" && err != nil:
		return nil, err
	case ref.Digest == "":
		ref.Digest = now
	case err == nil && now != ref.Digest:
		p.mu.Lock()
		defer p.mu.Unlock()
		p.note(fmt.Sprintf("image %s:%s is %s at its origin now; what was published, %s, is mirrored", ref.Name(), ref.Tag, now, ref.Digest))
	}
	if now != ref.Digest {
		return nil, nil
	}
	return body, nil
}

const (
	maxIndexes  = 3        // may lie in each other
	maxInMemory = 32 << 20 // bytes of manifests; more are asked for twice
)

// tree asks for a manifest or an index with all that is below it. What is in the layout,
// or came already, is not asked for.
func (p *pulling) tree(ctx context.Context, ref images.Ref, depth int, came []byte) (*tree, error) {
	t := &tree{}
	body, err := p.layout.Manifest(ref.Digest)
	if err != nil {
		if body = came; body == nil {
			if body, _, err = p.client.Manifest(ctx, images.Ref{Host: ref.Host, Path: ref.Path, Digest: ref.Digest}); err != nil {
				return nil, err
			}
		}
		t.body = p.keepInMemory(body)
	}
	m, err := images.ParseManifest(body)
	if err == nil && depth > maxIndexes {
		err = errors.New("too many indexes lie in each other")
	}
	if err != nil {
		return nil, fmt.Errorf("image %s: %w", ref, err)
	}
	t.Descriptor = images.Descriptor{MediaType: m.MediaType, Digest: ref.Digest, Size: int64(len(body)), ArtifactType: m.ArtifactType}
	t.blobs = m.Blobs()
	for _, d := range m.Chosen(p.platforms) {
		b, err := p.tree(ctx, images.Ref{Host: ref.Host, Path: ref.Path, Digest: d.Digest}, depth+1, nil)
		if err != nil {
			return nil, err
		}
		t.below = append(t.below, b)
	}
	if len(m.Manifests) > 0 && len(t.below) == 0 {
		facts := errcode.Facts{"host": ref.Host}
		if has := m.Platforms(); len(has) > 0 {
			facts["platforms"] = has
		}
		return nil, errcode.With(errcode.NoImage, facts, fmt.Errorf("image %s is for none of %s", ref, strings.Join(p.platforms, ", ")))
	}
	return t, nil
}

// keepInMemory gives a manifest that may be kept until its blobs are there, or nil.
func (p *pulling) keepInMemory(body []byte) []byte {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.inMemory+int64(len(body)) > maxInMemory {
		return nil
	}
	p.inMemory += int64(len(body))
	return body
}

// referrers are the signatures and attestations that are about a manifest. Of an image
// whose registry is away stay those that are there.
func (p *pulling) referrers(ctx context.Context, image *pulled, digest string) ([]referrer, error) {
	found, err := p.client.Referrers(ctx, image.Ref, digest)
	if errors.Is(err, registry.ErrUnreachable) && !image.lacks(p.layout) {
		return p.knownReferrers(image, digest), nil
	}
	if err != nil {
		return nil, err
	}
	var all []referrer
	for _, r := range found {
		t, err := p.tree(ctx, r, 1, nil)
		if err != nil {
			return nil, err
		}
		all = append(all, referrer{layout.Entry{Descriptor: t.Descriptor, Ref: r, Subject: digest}, t})
	}
	return all, nil
}

func (p *pulling) knownReferrers(image *pulled, digest string) []referrer {
	var all []referrer
	for _, e := range p.had {
		_, err := p.layout.Manifest(e.Digest)
		if err == nil && e.Subject == digest && e.Ref.Name() == image.Name() {
			all = append(all, referrer{Entry: e})
		}
	}
	return all
}
