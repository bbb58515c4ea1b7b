package client

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/kpm-sh/kpm/client/repos"
	"github.com/kpm-sh/kpm/internal/errcode"
	"github.com/kpm-sh/kpm/internal/images"
	"github.com/kpm-sh/kpm/internal/images/registry"
	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/manifest"
)

// rewriting is how the references of one Kube are rewritten.
type rewriting struct {
	mirror    string        // REGISTRY/PREFIX; "": they are not
	platform  string        // OS/ARCH whose manifests are named instead of indexes; "": none
	published []index.Image // what is known of the release
	named     []string      // by K3.yaml
}

// rewritingOf is that of what was opened: the flag's mirror, else the one that the user
// configured for its repository. It never comes from a record.
func rewritingOf(ctx context.Context, c *Client, t *Opened) (rewriting, error) {
	r := rewriting{mirror: c.ImageMirror.Address, platform: c.ImageMirror.Platform, named: t.Kube.Images}
	rel := t.Release
	if rel == nil && t.Copy != nil && !c.ImageMirror.None {
		rel = madeFrom(ctx, c, t)
	}
	if rel != nil {
		r.published = rel.Images
		if r.mirror == "" {
			r.mirror, r.platform = rel.Repository.Images, cmp.Or(r.platform, rel.Repository.ImagesPlatform)
		}
	}
	if c.ImageMirror.None || r.mirror == "" {
		r.mirror, r.platform = "", ""
		return r, nil
	}
	if err := images.CheckMirror(r.mirror, r.platform); err != nil {
		return r, usage("%w", err)
	}
	return r, nil
}

// madeFrom is the release that a working copy was made from; nil where that is not known.
func madeFrom(ctx context.Context, c *Client, t *Opened) *repos.Release {
	aliases, err := c.Repos.Signed(t.Copy.Origin.Repository)
	if err != nil || len(aliases) != 1 {
		return nil
	}
	rel, err := c.Repos.Resolve(ctx, repos.Ref{Repository: aliases[0], Name: t.Kube.Name, Version: t.Copy.Version}, true)
	if err != nil {
		return nil
	}
	return &rel
}

// apply rewrites the references of objects.
func (r rewriting) apply(objects []manifest.Object) ([]manifest.Object, error) {
	if r.mirror == "" {
		return objects, nil
	}
	out := slices.Clone(objects)
	for i, o := range out {
		var err error
		if out[i], err = images.Rewrite(o, r.named, r.to); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (r rewriting) to(text string) (string, error) {
	ref, err := images.Parse(text)
	if err != nil {
		return "", err
	}
	digest, err := r.digest(ref)
	if err != nil {
		return "", err
	}
	return ref.Under(r.mirror, digest)
}

// digest is that of a reference, as it says or as it was published, or of the manifest of
// the platform in it; "" is not known.
func (r rewriting) digest(ref images.Ref) (string, error) {
	i := slices.IndexFunc(r.published, func(image index.Image) bool {
		known, err := images.Parse(image.Ref)
		return err == nil && known == ref
	})
	if i < 0 {
		return ref.Digest, nil
	}
	image := r.published[i]
	if r.platform == "" || len(image.Platforms) == 0 {
		return cmp.Or(ref.Digest, image.Digest), nil
	}
	for _, platform := range slices.Sorted(maps.Keys(image.Platforms)) {
		if platform == r.platform || strings.HasPrefix(platform, r.platform+"/") {
			return image.Platforms[platform], nil
		}
	}
	return "", errcode.With(errcode.NoImage, errcode.Facts{"host": ref.Host}, fmt.Errorf("image %s is for %s, and not for %s", ref, strings.Join(slices.Sorted(maps.Keys(image.Platforms)), ", "), r.platform))
}

// below are the references of objects that lead into the mirror: each once.
func (r rewriting) below(objects []manifest.Object) []images.Ref {
	if r.mirror == "" {
		return nil
	}
	var all []images.Ref
	named := make([]string, 0, len(r.named))
	for _, text := range r.named {
		if to, err := r.to(text); err == nil {
			named = append(named, to)
		}
	}
	for _, o := range objects {
		for _, p := range images.Places(o, named) {
			ref, err := images.Parse(p.Ref)
			if err == nil && p.Sort != images.Possible && strings.HasPrefix(p.Ref, strings.TrimSuffix(r.mirror, "/")+"/") && !slices.Contains(all, ref) {
				all = append(all, ref)
			}
		}
	}
	return all
}

// check asks the mirror for images, before anything is written: one that it lacks is an
// error, a registry that cannot be asked is a warning.
func (r rewriting) check(ctx context.Context, c *Client, below []images.Ref) error {
	from := registry.New(registry.Options{Fetch: c.Repos.Fetch})
	var missing []string
	for _, ref := range below {
		name := ref.Digest
		if name == "" {
			name = ref.Tag
			c.warn(fmt.Sprintf("image %s: no digest of it was published, so it is whatever the mirror has under its tag", ref))
		}
		if c.Repos.Offline {
			continue
		}
		there, err := from.Has(ctx, ref, "manifests", name)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil && (c.ImageMirror.Require || !errors.Is(err, registry.ErrUnreachable) && !errors.Is(err, registry.ErrUnauthorized)):
			return fmt.Errorf("asking for image %s: %w", ref, err)
		case errors.Is(err, registry.ErrUnauthorized):
			c.warn(fmt.Sprintf("%v: the pods' service account needs a pull secret for it, or the nodes a credential", err))
			return nil
		case err != nil:
			c.warn(fmt.Sprintf("whether %s has the images is not known: %v", r.mirror, err))
			return nil
		case !there:
			missing = append(missing, ref.String())
		}
	}
	slices.Sort(missing)
	if len(missing) > 0 {
		host, _, _ := images.ParseMirror(r.mirror) //nolint:errcheck // it was read before
		return errcode.With(errcode.NoImage, errcode.Facts{"host": host}, fmt.Errorf("the image mirror lacks %s", strings.Join(missing, ", ")))
	}
	return nil
}
