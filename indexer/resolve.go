package indexer

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/kpm-sh/kpm/internal/images"
	"github.com/kpm-sh/kpm/internal/images/registry"
	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/kube"
)

// resolver resolves the references of one publish, each once.
type resolver struct {
	client  *registry.Client // nil: references stay unresolved
	require bool             // refuse a Kube of which an image cannot be resolved

	mu      sync.Mutex
	asked   map[string]func() (index.Image, error) // by reference, as it is written
	away    map[string]error                       // registries that cannot be reached
	unknown map[string][]string                    // references left unresolved, by reason
}

func newResolver(o Options) *resolver {
	return &resolver{client: o.Images, require: o.RequireImages, asked: map[string]func() (index.Image, error){}, away: map[string]error{}, unknown: map[string][]string{}}
}

// resolve gives what the document says of the images of a release. A registry that is
// there and wants to know who we are is an error: what is published without a digest
// stays without one.
func (r *resolver) resolve(ctx context.Context, name string, refs []string) ([]index.Image, error) {
	var all []index.Image
	for _, ref := range refs {
		image := index.Image{Ref: ref}
		if r.client != nil {
			found, err := r.once(ctx, ref)
			switch {
			case ctx.Err() != nil:
				return nil, ctx.Err()
			case err != nil && (r.require || errors.Is(err, registry.ErrUnauthorized)):
				return nil, refuse(name, "image %s cannot be resolved: %v", ref, err)
			case err == nil:
				image.Digest, image.Platforms = found.Digest, found.Platforms
			}
		}
		all = append(all, image)
	}
	return all, nil
}

func (r *resolver) once(ctx context.Context, ref string) (index.Image, error) {
	r.mu.Lock()
	ask := r.asked[ref]
	if ask == nil {
		ask = sync.OnceValues(func() (index.Image, error) { return r.ask(ctx, ref) })
		r.asked[ref] = ask
	}
	r.mu.Unlock()
	return ask()
}

func (r *resolver) ask(ctx context.Context, text string) (index.Image, error) {
	ref, err := images.Parse(text)
	if err != nil {
		r.note(err.Error(), text)
		return index.Image{}, err
	}
	r.mu.Lock()
	err = r.away[ref.Host]
	r.mu.Unlock()
	var found index.Image
	if err == nil {
		found, err = r.client.Resolve(ctx, ref)
	}
	if err == nil {
		return found, nil
	}
	reason := err.Error()
	if errors.Is(err, registry.ErrUnreachable) {
		reason = fmt.Sprintf("registry %s cannot be reached", ref.Host)
		r.mu.Lock()
		r.away[ref.Host] = err
		r.mu.Unlock()
	}
	if !errors.Is(err, registry.ErrUnauthorized) {
		r.note(reason, text)
	}
	return index.Image{}, err
}

func (r *resolver) note(reason, ref string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.unknown[reason] = append(r.unknown[reason], ref)
}

// warn tells which references are published unresolved, and why.
func (r *resolver) warn(result *Result) {
	for _, reason := range slices.Sorted(maps.Keys(r.unknown)) {
		refs := r.unknown[reason]
		slices.Sort(refs)
		result.warn("published without digests: %s: %s", strings.Join(refs, " "), kube.Clean(reason, false))
	}
}
