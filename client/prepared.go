package client

import (
	"context"

	"github.com/kpm-sh/kpm/internal/manifest"
)

// Prepared is a Kube with its values and with what its hook gave. It is made by
// [Fetched.Prepare] or [Hook.Run]; the next link of the chain is a [Planned], or what
// the Kube gives is [Prepared.Rendered] for somebody to read.
type Prepared struct {
	from *Fetched
	past *pastRevision // as that of from, or not verified for what is recorded of its hook
	hook hooked
}

// Rendered are the manifests that the Kube gives.
func (p *Prepared) Rendered(ctx context.Context) (*Rendered, error) {
	t := *p.from.opened
	t.Kube = p.hook.over(t.Kube)
	own, err := layersFor(t.Kube, p.from.values.all)
	if err != nil {
		return nil, err
	}
	return renderWith(ctx, p.from.client, &t, p.hook.under(own))
}

// objects are what is to be there, and what of it templates made of values.
func (p *Prepared) objects(ctx context.Context) ([]manifest.Object, derivations, error) {
	if p.past.fromRecord() {
		objects, err := p.past.objects(p.from.ID)
		return objects, derivations{}, err
	}
	rendered, err := p.Rendered(ctx)
	if err != nil {
		return nil, derivations{}, err
	}
	objects, err := rendered.written()
	if err != nil {
		return nil, derivations{}, err
	}
	made, err := p.derived(ctx, objects)
	if err != nil {
		return nil, derivations{}, err
	}
	if objects, err = rendered.images.apply(objects); err != nil {
		return nil, derivations{}, err
	}
	for i, o := range objects {
		objects[i] = rendered.placed(o)
	}
	return objects, made, nil
}

// withoutRecord are the objects as they would be without what is recorded: with the
// values of this run alone, and with what the hook wrote only if it ran now.
func (p *Prepared) withoutRecord(ctx context.Context) ([]manifest.Object, error) {
	h := p.hook
	if h.recorded {
		h = hooked{}
	}
	return p.from.quietly(ctx, h, p.from.values.given)
}

// verified reports whether every byte is of a release that its repository signed.
func (p *Prepared) verified() bool { return !p.past.fromRecord() && p.from.opened.Verified() }
