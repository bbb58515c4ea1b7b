package render

import (
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/kpm-sh/kpm/internal/jinja/token"
	"github.com/kpm-sh/kpm/internal/kube"
)

// Options say how to render. The zero value is for a Kube as it is published.
type Options struct {
	// Overridden says that somebody set a value of his own: templates then win
	// over plain files of the same name.
	Overridden bool
	// Lenient makes an undefined variable an empty text, as Jinja does by
	// default. It is for templates that others wrote, not for installing.
	Lenient bool
}

// Render gives the manifests of k: plain files as they are, and x.yaml for each
// template x.yaml.tmpl, sorted by path. Where there is a plain x.yaml as well,
// it counts until a value is overridden, the template from then on. A template
// that prints nothing but white space and comments gives no file. The line end at the
// end of a template, which Jinja drops, is kept. No file has more
// than kube.MaxManifest bytes, and all together have at most kube.MaxTotal.
//
// The error is a kube.Problems with a problem of each template that cannot be
// rendered, or why ctx ended. Once the budget of all is spent, those after it are
// not tried.
func Render(ctx context.Context, k *kube.Kube, v Values, opt Options) ([]kube.File, error) {
	ctx, budget, cancel := withBudget(ctx)
	defer cancel()
	files := map[string]kube.File{}
	for _, f := range k.Manifests() {
		files[f.Path] = f
	}
	var problems kube.Problems
	for _, f := range k.Templates() {
		if len(problems) > 0 && (budget.spent() || ctx.Err() != nil) {
			break
		}
		name := strings.TrimSuffix(f.Path, ".tmpl")
		if _, plain := files[name]; plain && !opt.Overridden {
			continue
		}
		text, err := renderOne(ctx, f.Path, string(f.Data), beside(k, path.Dir(f.Path)), v, opt)
		var ps kube.Problems
		switch {
		case errors.As(err, &ps):
			problems = append(problems, ps...)
		case err != nil:
			return nil, fmt.Errorf("rendering %s: %w", f.Path, err)
		case len(text) > kube.MaxManifest:
			problems = append(problems, kube.Problem{Path: f.Path, Message: fmt.Sprintf("it gives more than %d bytes", kube.MaxManifest)})
		case isEmpty(text):
			delete(files, name)
		default:
			files[name] = kube.File{Path: name, Data: []byte(text)}
		}
	}
	if len(problems) > 0 {
		problems.Sort()
		return nil, slices.Compact(problems)
	}
	out := make([]kube.File, 0, len(files))
	total := 0
	for _, f := range files {
		out = append(out, f)
		total += len(f.Data)
	}
	if total > kube.MaxTotal {
		return nil, kube.Problems{{Path: "manifests", Message: fmt.Sprintf("all manifests together have more than %d bytes", kube.MaxTotal)}}
	}
	slices.SortFunc(out, func(a, b kube.File) int { return strings.Compare(a.Path, b.Path) })
	return out, nil
}

// isEmpty reports whether a rendered text holds nothing to apply.
func isEmpty(text string) bool {
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line != "" && line != "---" && !strings.HasPrefix(line, "#") {
			return false
		}
	}
	return true
}

// beside finds the files of k that a template in folder may include, by path:
// those in the same folder.
func beside(k *kube.Kube, folder string) func(string) (string, bool) {
	return func(name string) (string, bool) {
		if path.Dir(name) != folder {
			return "", false
		}
		data, ok := k.File(name)
		return string(data), ok
	}
}

func renderOne(ctx context.Context, name, text string, others func(string) (string, bool), v Values, opt Options) (string, error) {
	lookup := func(file string) (string, bool) {
		if file == name {
			return text, true
		}
		return others(file)
	}
	return execute(ctx, name, func(stopped func() error) *machine {
		return newMachine(stopped, lookup, v, !opt.Lenient)
	})
}

// execute renders the template name with a machine of its own, and ends when
// ctx does or the time of the budget is over.
//
// The work is done in a goroutine. It looks at ctx before each tag and each part
// of an expression, so it ends soon after ctx does. Reading a text takes one pass
// over its bounded length.
func execute(ctx context.Context, name string, build func(func() error) *machine) (string, error) {
	ctx, budget, cancel := withBudget(ctx)
	defer cancel()
	if ctx.Err() != nil {
		return "", ended(ctx, name)
	}
	type result struct {
		text string
		err  error
	}
	done := make(chan result, 1)
	go func() {
		m := build(func() error { return context.Cause(ctx) })
		m.budget = budget
		text, err := m.render(name)
		done <- result{text, err}
	}()
	select {
	case r := <-done:
		if r.err != nil && ctx.Err() != nil {
			return "", ended(ctx, name)
		}
		return r.text, r.err
	case <-ctx.Done():
		return "", ended(ctx, name)
	}
}

// ended says why a rendering had to end, in the template that it was at.
func ended(ctx context.Context, name string) error {
	err := context.Cause(ctx)
	if errors.Is(err, errOverdue) {
		return problem(name, 0, "rendering all templates takes longer than %s; this is where it ended", MaxTime)
	}
	return err
}

// render is run for the first template. No text is known that makes it panic; one
// that did would be an error of its template.
func (m *machine) render(name string) (text string, err error) {
	defer func() {
		if caught := recover(); caught != nil {
			text, err = "", problem(name, 0, "the template engine does not understand this: %v", caught)
		}
	}()
	m.main = name
	out := &output{}
	if _, err := m.run(name, m.values.child(), out); err != nil {
		return "", locate(name, token.Pos{}, err)
	}
	return out.String(), nil
}
