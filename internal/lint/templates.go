package lint

import (
	"context"
	"errors"
	"fmt"
	"path"
	"reflect"
	"strings"

	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/manifest"
	"github.com/kpm-sh/kpm/internal/render"
)

// testValues is the folder of the values that templates are rendered with.
const testValues = "tests/values"

// templates judges values, and what the templates of k give with them.
func (j *judge) templates(ctx context.Context, k *kube.Kube) {
	defaults, err := render.Defaults(k)
	if err != nil {
		j.fault(kube.ValuesPath, err)
		return
	}
	j.odd(defaults)
	tests := j.tests(k)
	if len(k.Templates()) == 0 {
		j.validated(k, defaults, tests)
		return
	}
	files, ps := j.rendered(ctx, k, "the default values", defaults)
	switch {
	case len(ps) == 0:
		j.compare(k, files)
	case len(tests) == 0:
		j.problems = append(j.problems, ps...)
	}
	for _, t := range tests {
		for _, p := range render.Unread(k, defaults, t) {
			p.Rule = "test-file"
			j.problems = append(j.problems, p)
		}
		_, ps := j.rendered(ctx, k, t.Name, defaults, t)
		j.problems = append(j.problems, ps...)
	}
}

// validated holds the values of a Kube without templates to its schema: those that it
// comes with, or where these are not enough without its user's, those of the tests.
func (j *judge) validated(k *kube.Kube, defaults render.Layer, tests []render.Layer) {
	if len(tests) == 0 {
		j.problems = append(j.problems, render.Validate(k, defaults)...)
		return
	}
	if ps := render.ValidateSet(k, defaults); len(ps) > 0 { // the schema itself
		j.problems = append(j.problems, ps...)
		return
	}
	for _, t := range tests {
		j.problems = append(j.problems, render.Validate(k, defaults, t)...)
	}
}

// tests reads the values of tests/values.
func (j *judge) tests(k *kube.Kube) []render.Layer {
	var layers []render.Layer
	for _, f := range k.Files {
		if path.Dir(f.Path) != testValues || path.Ext(f.Path) != ".yaml" {
			continue
		}
		l, err := render.ParseValues(f.Path, f.Data)
		if err != nil {
			j.fault(f.Path, err)
			continue
		}
		j.odd(l)
		layers = append(layers, l)
	}
	return layers
}

// odd warns of words in values that print otherwise than they are written.
func (j *judge) odd(l render.Layer) {
	for _, p := range l.Odd() {
		p.Rule = "value-word"
		j.problems = append(j.problems, p)
	}
}

// fault notes an error, which may be several problems.
func (j *judge) fault(file string, err error) {
	var ps kube.Problems
	if !errors.As(err, &ps) {
		ps = kube.Problems{{Path: file, Message: err.Error()}}
	}
	j.problems = append(j.problems, ps...)
}

// rendered judges what the templates give with the values of some layers, and gives
// it. The problems name the template; lines of what it gives are in the text.
func (j *judge) rendered(ctx context.Context, k *kube.Kube, with string, layers ...render.Layer) ([]kube.File, kube.Problems) {
	if ps := render.Validate(k, layers...); ps.Err() != nil {
		return nil, ps.Errors()
	}
	files, err := render.Render(ctx, k, render.Merge(layers...), render.Options{Overridden: true})
	if err != nil {
		if ps, ok := errors.AsType[kube.Problems](err); ok {
			return nil, ps
		}
		return nil, kube.Problems{{Path: "manifests", Message: err.Error()}}
	}
	var found kube.Problems
	var all []manifest.Object
	in, first := inTemplates(k, files, with), places{}
	for _, f := range files {
		objects, ps := manifest.Decode(f.Path, f.Data)
		all = append(all, objects...)
		for _, o := range objects {
			ps = append(ps, first.check(o)...)
			j.note(o)
		}
		if _, ok := k.File(f.Path + ".tmpl"); !ok {
			continue // a plain file was judged before
		}
		for _, p := range ps {
			found = append(found, in(p))
		}
	}
	fresh := func(o manifest.Object) bool { _, ok := k.File(o.Path + ".tmpl"); return ok }
	for _, p := range judged(j.scene(all, files), fresh) {
		j.problems = append(j.problems, in(p)) // of a plain file it was said before
	}
	return files, found
}

// inTemplates says of a problem in what a template gave which template it was, and where,
// and leaves problems of plain files as they are.
func inTemplates(k *kube.Kube, files []kube.File, with string) func(kube.Problem) kube.Problem {
	given := map[string][]byte{}
	for _, f := range files {
		given[f.Path] = f.Data
	}
	known := map[string]origins{} // by path
	return func(p kube.Problem) kube.Problem {
		template, ok := k.File(p.Path + ".tmpl")
		if !ok {
			return p
		}
		from, ok := known[p.Path]
		if !ok {
			from = originsOf(given[p.Path], template)
			known[p.Path] = from
		}
		if p.Line > 0 {
			p.Message = fmt.Sprintf("line %d of what it gives: %s", p.Line, p.Message)
		}
		p.Path, p.Line = p.Path+".tmpl", from.of(p.Line)
		p.Message = fmt.Sprintf("with %s: %s", with, p.Message)
		return p
	}
}

// compare holds each plain file against what the template beside it gives with the
// default values.
func (j *judge) compare(k *kube.Kube, files []kube.File) {
	for _, f := range files {
		plain, ok := k.File(f.Path)
		if _, template := k.File(f.Path + ".tmpl"); !ok || !template {
			continue
		}
		want, _ := manifest.Decode(f.Path, plain) //nolint:errcheck // what is wrong with it is told elsewhere
		got, _ := manifest.Decode(f.Path, f.Data) //nolint:errcheck // what is wrong with it is told elsewhere
		if what := differs(want, got); what != "" {
			j.problems = append(j.problems, kube.Problem{
				Path: f.Path, Line: 1,
				Message: fmt.Sprintf("%s.tmpl gives other objects with the default values: %s", path.Base(f.Path), what),
			})
		}
	}
}

// differs names the first object that is not the same in both.
func differs(want, got []manifest.Object) string {
	for i, w := range want {
		if i >= len(got) {
			return fmt.Sprintf("it does not give %s", w)
		}
		if field := firstDifference("", w.Value, got[i].Value); field != "" {
			return fmt.Sprintf("%s differs in %s", w, strings.TrimPrefix(field, "."))
		}
	}
	if len(got) > len(want) {
		return fmt.Sprintf("it also gives %s", got[len(want)])
	}
	return ""
}

// firstDifference is the place of a difference between two values, "" if there
// is none.
func firstDifference(at string, a, b any) string {
	ma, oka := a.(map[string]any)
	mb, okb := b.(map[string]any)
	if !oka || !okb {
		if reflect.DeepEqual(a, b) {
			return ""
		}
		return at
	}
	for _, key := range sortedKeys(ma, mb) {
		va, ina := ma[key]
		vb, inb := mb[key]
		if ina != inb {
			return at + "." + key
		}
		if d := firstDifference(at+"."+key, va, vb); d != "" {
			return d
		}
	}
	return ""
}
