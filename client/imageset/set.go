// Package imageset gathers the images that Kubes name, each once.
package imageset

import (
	"context"
	"maps"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/kpm-sh/kpm/internal/images"
	"github.com/kpm-sh/kpm/internal/images/registry"
	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/manifest"
)

// Image is an image that Kubes name.
type Image struct {
	Ref       string            `json:"ref"`              // normalised; as it is written where it is no reference
	Digest    string            `json:"digest,omitempty"` // "" while nobody resolved it
	Platforms map[string]string `json:"platforms,omitempty"`
	Size      int64             `json:"size,omitempty"` // bytes to pull, of all platforms; 0 while nobody asked
	Sort      images.Sort       `json:"sort"`
	Kubes     []string          `json:"kubes"` // each as NAME VERSION
}

// Resolved asks registries for what is not known of images: digests, platforms and
// sizes. What a registry does not give stays unknown, and why is told.
func Resolved(ctx context.Context, from *registry.Client, all []Image, told func(error)) ([]Image, error) {
	all = slices.Clone(all)
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(4)
	for i := range all {
		g.Go(func() error {
			err := resolveImage(ctx, from, &all[i])
			if err != nil && ctx.Err() == nil {
				told(err)
			}
			return ctx.Err()
		})
	}
	return all, g.Wait()
}

func resolveImage(ctx context.Context, from *registry.Client, image *Image) error {
	ref, err := images.Parse(image.Ref)
	if err != nil {
		return err
	}
	if image.Digest == "" {
		found, err := from.Resolve(ctx, ref)
		if err != nil {
			return err
		}
		image.Digest, image.Platforms = found.Digest, found.Platforms
	}
	ref.Digest = image.Digest
	image.Size, err = from.Size(ctx, ref)
	return err
}

// Set gathers images by their references.
type Set map[string]*Image

// sureness orders the sorts: the surest stands.
var sureness = map[images.Sort]int{images.Container: 2, images.Named: 1, images.Possible: 0}

func (l Set) add(kube, text string, sort images.Sort) *Image {
	ref, err := images.Parse(text)
	if err == nil {
		text = ref.String()
	}
	image := l[text]
	if image == nil {
		image = &Image{Ref: text, Digest: ref.Digest, Sort: sort}
		l[text] = image
	}
	if sureness[sort] > sureness[image.Sort] {
		image.Sort = sort
	}
	if !slices.Contains(image.Kubes, kube) {
		image.Kubes = append(image.Kubes, kube)
		slices.Sort(image.Kubes)
	}
	return image
}

// Objects adds what objects of a Kube name; named is what its K3.yaml lists.
func (l Set) Objects(kube string, objects []manifest.Object, named []string) {
	for _, text := range named {
		l.add(kube, text, images.Named)
	}
	for _, o := range objects {
		for _, p := range images.Places(o, named) {
			l.add(kube, p.Ref, p.Sort)
		}
	}
}

// Published adds the images of a release, or what was published of those that are
// there; values may have put others in their place.
func (l Set) Published(kube string, all []index.Image) {
	fresh := len(l) == 0 || !slices.ContainsFunc(slices.Collect(maps.Values(l)), func(i *Image) bool { return slices.Contains(i.Kubes, kube) })
	for _, p := range all {
		text := p.Ref
		if ref, err := images.Parse(text); err == nil {
			text = ref.String()
		}
		image := l[text]
		if image == nil && !fresh {
			continue
		}
		sort := images.Container
		if image != nil {
			sort = image.Sort
		}
		image = l.add(kube, p.Ref, sort)
		if image.Digest == "" {
			image.Digest, image.Platforms = p.Digest, p.Platforms
		}
	}
}

// Sorted are the images, by reference.
func (l Set) Sorted() []Image {
	all := []Image{}
	for _, image := range l {
		all = append(all, *image)
	}
	slices.SortFunc(all, func(a, b Image) int { return strings.Compare(a.Ref, b.Ref) })
	return all
}
