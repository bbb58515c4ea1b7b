package registry

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/kpm-sh/kpm/internal/fetch"
	"github.com/kpm-sh/kpm/internal/images"
	"github.com/kpm-sh/kpm/internal/index"
)

// Manifest gets a manifest or an index, as it is, and its digest: by the reference's
// digest, else by its tag. Bytes of another digest are an *index.MismatchError.
func (c *Client) Manifest(ctx context.Context, ref images.Ref) (body []byte, digest string, err error) {
	r, err := c.open(ctx, ref, "pull")
	if err != nil {
		return nil, "", err
	}
	at := ref.Tag
	if ref.Digest != "" {
		at = ref.Digest
	}
	got, err := r.source.Get(ctx, "manifests/"+at, fetch.Get{Limit: images.MaxManifest})
	if err != nil {
		return nil, "", fault(ref.Host, "image "+ref.String(), err)
	}
	sum := index.DigestOf(got.Body)
	digest = "sha256:" + string(sum)
	if ref.Digest != "" && digest != ref.Digest {
		want := index.Ref{SHA256: index.Digest(strings.TrimPrefix(ref.Digest, "sha256:")), Size: int64(len(got.Body))}
		return nil, "", fault(ref.Host, "image "+ref.String(), &index.MismatchError{Want: want, Size: want.Size, Got: sum})
	}
	return got.Body, digest, nil
}

// Receive gets a blob of the reference's repository for a file, whose size and digest
// fit then; what an earlier try left in FILE.part is gone on from. As long as each try
// brings some of it, a connection may break any number of times.
func (c *Client) Receive(ctx context.Context, ref images.Ref, d images.Descriptor, file string, progress func(done, total int64)) (*fetch.Received, error) {
	r, err := c.open(ctx, ref, "pull")
	if err != nil {
		return nil, err
	}
	want := index.Ref{SHA256: index.Digest(strings.TrimPrefix(d.Digest, "sha256:")), Size: d.Size}
	var most int64
	for {
		had := most
		got, err := r.source.Receive(ctx, "blobs/"+d.Digest, want, file, func(done, total int64) {
			most = max(most, done)
			if progress != nil {
				progress(done, total)
			}
		})
		if !errors.Is(err, fetch.ErrUnreachable) || most <= had {
			return got, fault(ref.Host, "blob "+d.Digest+" of "+ref.Name(), err)
		}
	}
}

// Referrers are the manifests that say that they are about the one of that digest:
// signatures and attestations. A registry without that list may have them under
// cosign's tags, sha256-HEX.sig, .att and .sbom, and OCI's sha256-HEX.
func (c *Client) Referrers(ctx context.Context, ref images.Ref, digest string) ([]images.Ref, error) {
	r, err := c.open(ctx, ref, "pull")
	if err != nil {
		return nil, err
	}
	found := map[string]images.Ref{}
	got, err := r.source.Get(ctx, "referrers/"+digest, fetch.Get{Limit: images.MaxManifest})
	switch {
	case err == nil:
		if err := addListed(found, ref, got.Body); err != nil {
			return nil, fault(ref.Host, "what refers to "+ref.Name()+"@"+digest, err)
		}
	case !errors.Is(err, fetch.ErrNotFound) && !isStatus(err):
		return nil, fault(ref.Host, "what refers to "+ref.Name()+"@"+digest, err)
	}
	if err := c.tagged(ctx, found, ref, digest); err != nil {
		return nil, err
	}
	var all []images.Ref
	for _, r := range found {
		all = append(all, r)
	}
	return all, nil
}

// isStatus reports whether a registry answered, though not with what was asked for: an
// old one knows no referrers.
func isStatus(err error) bool { return errors.As(err, new(*fetch.StatusError)) }

func addListed(found map[string]images.Ref, ref images.Ref, body []byte) error {
	m, err := images.ParseManifest(body)
	if err != nil {
		return err
	}
	for _, d := range m.Manifests {
		found[d.Digest] = images.Ref{Host: ref.Host, Path: ref.Path, Digest: d.Digest}
	}
	return nil
}

// tagged adds what lies under the tags of cosign and of OCI's fallback.
func (c *Client) tagged(ctx context.Context, found map[string]images.Ref, ref images.Ref, digest string) error {
	var mu sync.Mutex // of found
	g, gctx := errgroup.WithContext(ctx)
	for _, suffix := range []string{".sig", ".att", ".sbom", ""} {
		g.Go(func() error {
			at := images.Ref{Host: ref.Host, Path: ref.Path, Tag: strings.Replace(digest, ":", "-", 1) + suffix}
			body, got, err := c.Manifest(gctx, at)
			if errors.Is(err, ErrNotFound) {
				return nil
			}
			if err != nil {
				return err
			}
			mu.Lock()
			defer mu.Unlock()
			if suffix == "" {
				return fault(ref.Host, "image "+at.String(), addListed(found, ref, body))
			}
			at.Digest = got
			found[at.String()] = at
			return nil
		})
	}
	return g.Wait()
}

// Resolve says what a reference means now: its digest, and the digest of the manifest
// of each platform where it is an index. Size is that of all its blobs that it says
// itself, 0 for an index.
func (c *Client) Resolve(ctx context.Context, ref images.Ref) (index.Image, error) {
	body, digest, err := c.Manifest(ctx, ref)
	if err != nil {
		return index.Image{}, err
	}
	m, err := images.ParseManifest(body)
	if err != nil {
		return index.Image{}, fault(ref.Host, "image "+ref.String(), err)
	}
	image := index.Image{Ref: ref.String(), Digest: digest}
	for _, d := range m.Manifests {
		platform := d.Platform.String()
		if platform == "" {
			continue
		}
		if image.Platforms == nil {
			image.Platforms = map[string]string{}
		}
		if _, twice := image.Platforms[platform]; !twice { // the first counts, as for containerd
			image.Platforms[platform] = d.Digest
		}
	}
	return image, nil
}

// Size is how many bytes one pulls of an image: all its blobs, of all platforms,
// each once.
func (c *Client) Size(ctx context.Context, ref images.Ref) (int64, error) {
	seen := map[string]bool{}
	var total int64
	var add func(ref images.Ref, depth int) error
	add = func(ref images.Ref, depth int) error {
		body, _, err := c.Manifest(ctx, ref)
		if err != nil {
			return err
		}
		m, err := images.ParseManifest(body)
		if err != nil || depth > maxDepth {
			return fault(ref.Host, "image "+ref.String(), errors.Join(err, fmt.Errorf("%d indexes in each other", depth)))
		}
		total += int64(len(body))
		for _, d := range m.Blobs() {
			if !seen[d.Digest] {
				seen[d.Digest], total = true, total+d.Size
			}
		}
		for _, d := range m.Manifests {
			if err := add(images.Ref{Host: ref.Host, Path: ref.Path, Digest: d.Digest}, depth+1); err != nil {
				return err
			}
		}
		return nil
	}
	err := add(ref, 0)
	return total, err
}

// maxDepth is how many indexes may lie in each other.
const maxDepth = 3
