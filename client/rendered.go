package client

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/errcode"
	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/manifest"
	"github.com/kpm-sh/kpm/internal/render"
)

// Rendered is a Kube with the manifests that it gives with certain values.
type Rendered struct {
	Kube  *kube.Kube
	Files []kube.File // sorted by path; nothing of them was read as YAML yet

	mask   *api.Mask // of the user's values; nil: nothing is hidden
	images rewriting
}

// renderWith gives the manifests of a Kube with layers over its own values. The hook is
// not run; what it would set is not in there.
//
// A plain x.yaml beside x.yaml.tmpl counts until a value is overridden. In a
// working copy, an edited values.yaml overrides as well; an edited x.yaml that an
// override would put aside is USAGE, because edits are never lost in
// silence.
func renderWith(ctx context.Context, c *Client, t *Opened, own []render.Layer) (*Rendered, error) {
	defaults, err := render.Defaults(t.Kube)
	if err != nil {
		return nil, err
	}
	all := append([]render.Layer{defaults}, own...)
	if t.Copy.Changed(kube.ValuesPath) {
		own = all
	}
	if err := t.putAside(own); err != nil {
		return nil, err
	}
	if err := render.Validate(t.Kube, all...).Err(); err != nil {
		return nil, err
	}
	for _, l := range all[1:] {
		for _, p := range render.Misread(defaults, l) {
			p.Warning = false // the client says so
			c.warn(p.String())
		}
	}
	for _, p := range render.Unread(t.Kube, defaults, own...) {
		c.warn(p.Message)
	}
	if !overrides(own) {
		warnOfIdle(c, t)
	}
	mask := &api.Mask{}
	mask.Hide(texts(all[1:])...)
	files, err := render.Render(ctx, t.Kube, render.Merge(all...), render.Options{Overridden: overrides(own)})
	if err != nil {
		return nil, masked(err, mask.Scrub)
	}
	from, err := rewritingOf(ctx, c, t)
	return &Rendered{t.Kube, files, mask, from}, err
}

// putAside refuses layers that would have a template count in the place of a
// plain file that the user edited.
func (t *Opened) putAside(layers []render.Layer) error {
	if !overrides(layers) {
		return nil
	}
	for _, f := range t.Kube.Templates() {
		if t.Copy.Replaces(t.Kube, f.Path) {
			return usage("%s was edited, but with %s it would come from %s, without your edit: "+
				"make the edit in the template, or leave the values as they are", strings.TrimSuffix(f.Path, ".tmpl"), names(layers), f.Path)
		}
	}
	return nil
}

// warnOfIdle says which edited templates have no effect, because a plain file counts.
func warnOfIdle(c *Client, t *Opened) {
	for _, f := range t.Kube.Templates() {
		plain := strings.TrimSuffix(f.Path, ".tmpl")
		if _, ok := t.Kube.File(plain); ok && t.Copy.Changed(f.Path) {
			c.warn(fmt.Sprintf("%s was edited, but as long as no value is set %s counts", f.Path, plain))
		}
	}
}

// withLayers are the objects that a Kube gives with layers over its own values.
func withLayers(ctx context.Context, k *kube.Kube, layers []render.Layer) ([]manifest.Object, error) {
	defaults, err := render.Defaults(k)
	if err != nil {
		return nil, err
	}
	values := render.Merge(append([]render.Layer{defaults}, layers...)...)
	files, err := render.Render(ctx, k, values, render.Options{Overridden: true})
	if err != nil {
		return nil, err
	}
	return (&Rendered{Kube: k, Files: files}).Objects()
}

// Objects are the objects of all files, in the order of the files, with their images
// from where this home takes them.
func (r *Rendered) Objects() ([]manifest.Object, error) {
	objects, err := r.written()
	if err != nil {
		return nil, err
	}
	return r.images.apply(objects)
}

// written reads the objects of all files. The error is a kube.Problems, and GENERATED
// where a template gave what is wrong.
func (r *Rendered) written() ([]manifest.Object, error) {
	var objects []manifest.Object
	var problems kube.Problems
	generated := false
	for _, f := range r.Files {
		some, ps := manifest.Decode(f.Path, f.Data)
		objects = append(objects, some...)
		for _, p := range ps {
			generated = generated || r.templated(f) && p.Line > 0
			problems = append(problems, r.locate(f, p))
		}
	}
	err := masked(problems.Err(), r.mask.Scrub)
	if generated {
		err = errcode.With(errcode.Generated, errcode.Facts{"name": r.Kube.Name}, err)
	}
	return objects, err
}

// placed is an object whose place, for a plan to show, is in a file of the Kube: of
// what a template gave it is the template.
func (r *Rendered) placed(o manifest.Object) manifest.Object {
	i := slices.IndexFunc(r.Files, func(f kube.File) bool { return f.Path == o.Path })
	if i < 0 || !r.templated(r.Files[i]) {
		return o
	}
	o.Path, o.Line = fmt.Sprintf("%s.tmpl, line %d of what it gives", o.Path, o.Line), 0
	return o
}

// templated reports whether a template gave the file.
func (r *Rendered) templated(f kube.File) bool {
	plain, ok := r.Kube.File(f.Path)
	return !ok || !bytes.Equal(plain, f.Data)
}

// locate says of a problem in what a template gave which template it was.
func (r *Rendered) locate(f kube.File, p kube.Problem) kube.Problem {
	if !r.templated(f) {
		return p
	}
	if p.Line > 0 {
		p.Message = fmt.Sprintf("line %d of what it gives: %s", p.Line, p.Message)
	}
	p.Path, p.Line = strings.TrimSuffix(p.Path, ".tmpl")+".tmpl", 0
	return p
}
