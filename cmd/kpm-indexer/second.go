package main

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"strconv"
	"strings"

	"github.com/kpm-sh/kpm/cmd/internal/twin"
	"github.com/kpm-sh/kpm/indexer"
	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/lint"
	"github.com/kpm-sh/kpm/internal/manifest"
	"github.com/kpm-sh/kpm/internal/render"
	"github.com/kpm-sh/kpm/internal/words"
)

// second asks other programs of the Kubes: Python, and, of those that nothing is wrong with,
// the server's own code. What was found counts also where an error says that more could not
// be asked.
func (c checkCmd) second(ctx context.Context, packages fs.FS, got *indexer.Checked, std stdio) (kube.Problems, error) {
	t, closing, err := twin.New()
	if err != nil {
		return nil, err
	}
	defer closing()
	bad := map[string]bool{}
	for _, p := range got.Problems.Errors() {
		name, _, _ := strings.Cut(p.Path, "/")
		bad[name] = true
	}
	var all kube.Problems
	var unasked error
	for _, name := range got.Kubes {
		found, err := c.secondOf(ctx, t, packages, name, !bad[name])
		all = append(all, found.In(name)...)
		if ctx.Err() != nil {
			return all, ctx.Err()
		}
		if err != nil {
			unasked, c.Cluster = err, "" // it would fail at the next one, too
		}
	}
	for _, note := range t.Notes() {
		if c.RequireJinja {
			unasked = cmp.Or(unasked, fmt.Errorf("comparing what templates give: %s", note))
			continue
		}
		std.say("%s", note)
	}
	return all, unasked
}

// secondOf asks about one Kube, of which the folder is read only where somebody is to be
// asked about it.
func (c checkCmd) secondOf(ctx context.Context, t *twin.Twin, packages fs.FS, name string, valid bool) (kube.Problems, error) {
	info, err := fs.Lstat(packages, name)
	if err != nil || !info.IsDir() {
		return nil, nil //nolint:nilerr // a link, or what went since
	}
	dir, err := fs.Sub(packages, name)
	if err != nil {
		return nil, err
	}
	hook, templates := forPython(dir)
	if asked := hook || valid && (templates || c.Cluster != ""); !asked {
		return nil, nil
	}
	k, ps := kube.ReadDir(dir, name)
	if valid && ps.Err() != nil {
		return nil, nil // it changed since
	}
	all, err := t.Judge(ctx, k, valid)
	if err != nil || !valid || c.Cluster == "" {
		return all, err
	}
	found, err := askServer(ctx, c.Cluster, k)
	return append(all, found...), err
}

// forPython tells whether a Kube has a hook, and templates.
func forPython(dir fs.FS) (hook, templates bool) {
	info, err := fs.Lstat(dir, kube.HookPath)
	hook = err == nil && info.Mode().IsRegular()
	found, err := fs.Glob(dir, "manifests/*.tmpl")
	return hook, err == nil && len(found) > 0
}

// askServer has the server's own code, linked into a kpm-cluster, judge the objects of a
// Kube with its default values. Objects of kinds that it does not know are not judged.
func askServer(ctx context.Context, program string, k *kube.Kube) (kube.Problems, error) {
	defaults, err := render.Defaults(k)
	if err != nil {
		return nil, nil //nolint:nilerr // lint has said so
	}
	files, err := render.Render(ctx, k, render.Merge(defaults), render.Options{})
	if err != nil {
		return nil, nil //nolint:nilerr // its values are for its users to give
	}
	var objects []manifest.Object
	values, texts := []map[string]any{}, map[string][]byte{}
	for _, f := range files {
		texts[f.Path] = f.Data
		found, _ := manifest.Decode(f.Path, f.Data) //nolint:errcheck // lint has said what is wrong with it
		for _, o := range found {
			objects, values = append(objects, o), append(values, o.Value)
		}
	}
	var in bytes.Buffer
	if err := json.NewEncoder(&in).Encode(values); err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, program, "judge")
	cmd.Stdin, cmd.Stderr = &in, os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("asking %s: %w", program, err)
	}
	var verdicts []struct{ Faults []string }
	if err := json.NewDecoder(bufio.NewReader(bytes.NewReader(out))).Decode(&verdicts); err != nil || len(verdicts) != len(objects) {
		return nil, fmt.Errorf("asking %s: it gave %s on %s: it is no kpm-cluster, or one of another version", program, words.Count(len(verdicts), "verdict"), words.Count(len(objects), "object"))
	}
	var ps kube.Problems
	lines, given := map[string]*manifest.Lines{}, map[string]func(int) int{} // by path
	for path, text := range texts {
		lines[path] = manifest.LinesOf(text)
		if f, template := k.File(path + ".tmpl"); template {
			given[path] = lint.TemplateLines(text, f)
		}
	}
	for i, o := range objects {
		for _, fault := range distinct(verdicts[i].Faults) {
			p := kube.Problem{Path: o.Path, Message: o.String() + ": the server refuses it: " + strings.Join(strings.Fields(fault), " "), Rule: "server"}
			p.Line = lines[o.Path].Of(o, stepsOf(fault))
			if from := given[o.Path]; from != nil {
				p.Path, p.Line = o.Path+".tmpl", from(p.Line)
			}
			ps = append(ps, p)
		}
	}
	return ps, nil
}

// stepsOf is the field that a server's fault begins with, as in "spec.ports[0].port: …" and
// "data[a.yaml]: …".
func stepsOf(fault string) (at []any) {
	field, _, _ := strings.Cut(fault, ": ")
	for field != "" {
		if key, rest, ok := strings.Cut(strings.TrimPrefix(field, "["), "]"); ok && field[0] == '[' {
			field = strings.TrimPrefix(rest, ".")
			if n, err := strconv.Atoi(key); err == nil && n >= 0 {
				at = append(at, n)
			} else {
				at = append(at, key)
			}
			continue
		}
		end := strings.IndexAny(field, ".[")
		if end < 0 {
			return append(at, field)
		}
		at, field = append(at, field[:end]), strings.TrimPrefix(field[end:], ".")
	}
	return at
}
