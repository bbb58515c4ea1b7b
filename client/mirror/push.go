package mirror

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"

	"github.com/kpm-sh/kpm/internal/errcode"
	"github.com/kpm-sh/kpm/internal/images"
	"github.com/kpm-sh/kpm/internal/images/layout"
	"github.com/kpm-sh/kpm/internal/images/registry"
	"github.com/kpm-sh/kpm/internal/mirrorfile"
)

// Pushed is what a push did.
type Pushed struct {
	Images  int64
	Blobs   int64    // that the registry did not have
	Bytes   int64    // of them
	Refused []string // images whose index the registry does not take, as it has gaps
	Pinned  []string // of these, that have the manifest of one platform under their tag, and are found by it
}

// Push copies the images of a mirror into a registry, below host/prefix, each repository
// as HOST/PATH; blobs that are there are not sent. An index that the registry refuses,
// because not all that it lists is there, is left out: its manifests are there by their
// own digests, and that of platform, unless that is "", under the tag.
func Push(ctx context.Context, dir, to, platform string, c *registry.Client, note func(string)) (*Pushed, error) {
	host, prefix, err := images.ParseMirror(to)
	if err != nil {
		return nil, errcode.With(errcode.Usage, nil, err)
	}
	f := folder{dir}
	if err := isMirror(f); err != nil {
		return nil, err
	}
	p := &pushing{dir: dir, layout: layout.Layout{Dir: filepath.Join(dir, imagesFolder)}, client: c, out: &Pushed{}, done: map[string]bool{}}
	if p.mirror, err = f.note(); err != nil {
		return nil, err
	}
	entries, err := p.layout.Entries()
	if err != nil {
		return nil, p.damaged(err)
	}
	if len(entries) == 0 {
		return nil, errcode.With(errcode.NoImages, errcode.Facts{"dir": dir}, fmt.Errorf("the mirror %s holds no images", dir))
	}
	for _, e := range entries {
		target := images.Ref{Host: host, Path: images.Below(e.Ref.Name()), Tag: e.Ref.Tag, Digest: e.Digest}
		if prefix != "" {
			target.Path = prefix + "/" + target.Path
		}
		refused, err := p.manifest(ctx, target, 0)
		if err != nil {
			return p.out, err
		}
		p.out.Images++
		if !refused {
			continue
		}
		switch pinned, err := p.pin(ctx, target, platform); {
		case err != nil:
			return p.out, err
		case pinned:
			p.out.Pinned = append(p.out.Pinned, e.Ref.String())
		default:
			p.out.Refused = append(p.out.Refused, e.Ref.String())
			note(fmt.Sprintf("%s does not take the index of %s, as it lists platforms that are not in the mirror: references by %s will not resolve there", host, e.Ref, e.Digest))
		}
	}
	return p.out, nil
}

// pin puts the manifest of a platform under the tag of its index, if the mirror has it.
func (p *pushing) pin(ctx context.Context, at images.Ref, platform string) (bool, error) {
	if platform == "" {
		return false, nil
	}
	_, index, err := p.read(at.Digest)
	if err != nil {
		return false, err
	}
	i := slices.IndexFunc(index.Manifests, func(d images.Descriptor) bool {
		return d.Platform.String() != "" && d.Platform.Fits([]string{platform}) && p.layout.Has(d)
	})
	if i < 0 || at.Tag == "" {
		return i >= 0, nil
	}
	body, m, err := p.read(index.Manifests[i].Digest)
	if err != nil {
		return false, err
	}
	_, err = p.client.PutManifest(ctx, images.Ref{Host: at.Host, Path: at.Path, Tag: at.Tag}, m.MediaType, body)
	return err == nil, err
}

func (p *pushing) read(digest string) ([]byte, *images.Manifest, error) {
	body, err := p.layout.Manifest(digest)
	if err != nil {
		return nil, nil, p.damaged(err)
	}
	m, err := images.ParseManifest(body)
	return body, m, err
}

type pushing struct {
	dir    string
	mirror mirrorfile.File
	layout layout.Layout
	client *registry.Client
	out    *Pushed
	done   map[string]bool // manifests, by repository and digest
}

// manifest pushes what a manifest names, and then itself: by its digest, and at the top
// under its tag.
func (p *pushing) manifest(ctx context.Context, at images.Ref, depth int) (refused bool, err error) {
	body, m, err := p.read(at.Digest)
	if err == nil && depth > maxIndexes {
		err = errors.New("too many indexes lie in each other")
	}
	if err != nil {
		return false, fmt.Errorf("image %s cannot be pushed: %w", at, err)
	}
	for _, d := range m.Manifests {
		if p.leftOut(m, d) {
			continue
		}
		if _, err := p.manifest(ctx, images.Ref{Host: at.Host, Path: at.Path, Digest: d.Digest}, depth+1); err != nil {
			return false, err
		}
	}
	for _, d := range m.Blobs() {
		if err := p.blob(ctx, at, d); err != nil {
			return false, err
		}
	}
	refused, err = p.client.PutManifest(ctx, at, m.MediaType, body)
	if refused && m.Index() {
		return true, nil
	}
	return false, err
}

// leftOut reports whether a manifest is not there as it is of a platform that was left
// out. Of a mirror that does not say that it is whole nothing else is known.
func (p *pushing) leftOut(index *images.Manifest, d images.Descriptor) bool {
	if p.layout.Has(d) {
		return false
	}
	wanted := func(c images.Descriptor) bool { return c.Digest == d.Digest }
	return !p.mirror.Whole || !p.mirror.Images || !slices.ContainsFunc(index.Chosen(p.mirror.Platforms), wanted)
}

func (p *pushing) blob(ctx context.Context, at images.Ref, d images.Descriptor) error {
	key := at.Name() + "@" + d.Digest
	if p.done[key] {
		return nil
	}
	put, err := p.client.PutBlob(ctx, at, d, func() (io.ReadCloser, error) {
		body, err := p.layout.Open(d)
		return body, p.damaged(err)
	})
	if err != nil {
		// A registry says of other bytes only that it does not take them.
		if damage := p.layout.Check(d); damage != nil && ctx.Err() == nil {
			return p.damaged(fmt.Errorf("image %s cannot be pushed: %w", at, damage))
		}
		return err
	}
	p.done[key] = true
	if put {
		p.out.Blobs, p.out.Bytes = p.out.Blobs+1, p.out.Bytes+d.Size
	}
	return nil
}

// damaged says in which mirror something is not as it was.
func (p *pushing) damaged(err error) error {
	if err == nil {
		return nil
	}
	return errcode.With(errcode.DamagedMirror, errcode.Facts{"dir": p.dir}, fmt.Errorf("the mirror %s is damaged: %w", p.dir, err))
}
