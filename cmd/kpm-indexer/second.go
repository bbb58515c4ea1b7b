package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"strings"

	"github.com/kpm-sh/kpm/cmd/internal/twin"
	"github.com/kpm-sh/kpm/indexer"
	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/manifest"
	"github.com/kpm-sh/kpm/internal/render"
)

// second asks other programs of the Kubes that nothing is wrong with: Python, and the
// server's own code.
func (c checkCmd) second(ctx context.Context, packages fs.FS, got *indexer.Checked, std stdio) (kube.Problems, error) {
	sound, err := c.sound(packages, got)
	if err != nil {
		return nil, err
	}
	t, closing, err := twin.New()
	if err != nil {
		return nil, err
	}
	defer closing()
	var all kube.Problems
	for _, k := range sound {
		found, err := t.Judge(ctx, k)
		if err != nil {
			return nil, err
		}
		all = append(all, found.In(k.Name)...)
		if c.Cluster != "" {
			if found, err = askServer(ctx, c.Cluster, k); err != nil {
				return nil, err
			}
			all = append(all, found.In(k.Name)...)
		}
	}
	for _, note := range t.Notes() {
		if c.RequireJinja {
			return nil, fmt.Errorf("comparing what templates give: %s", note)
		}
		std.say("%s", note)
	}
	return all, nil
}

// sound are the Kubes among those that were judged that have no errors.
func (c checkCmd) sound(packages fs.FS, got *indexer.Checked) ([]*kube.Kube, error) {
	bad := map[string]bool{}
	for _, p := range got.Problems.Errors() {
		name, _, _ := strings.Cut(p.Path, "/")
		bad[name] = true
	}
	var all []*kube.Kube
	for _, name := range got.Kubes {
		if bad[name] {
			continue
		}
		dir, err := fs.Sub(packages, name)
		if err != nil {
			return nil, err
		}
		if c.Cluster == "" && !forPython(dir) {
			continue
		}
		if k, ps := kube.ReadDir(dir, name); ps.Err() == nil {
			all = append(all, k)
		}
	}
	return all, nil
}

// forPython tells whether a Kube has a hook or a template.
func forPython(dir fs.FS) bool {
	if _, err := fs.Stat(dir, kube.HookPath); err == nil {
		return true
	}
	templates, err := fs.Glob(dir, "manifests/*.tmpl")
	return err == nil && len(templates) > 0
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
	values := []map[string]any{}
	for _, f := range files {
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
		return nil, fmt.Errorf("asking %s: %d verdicts on %d objects: %w", program, len(verdicts), len(objects), err)
	}
	var ps kube.Problems
	for i, o := range objects {
		for _, fault := range verdicts[i].Faults {
			p := kube.Problem{Path: o.Path, Line: o.Line, Message: o.String() + ": the server refuses it: " + strings.Join(strings.Fields(fault), " "), Rule: "server"}
			if _, template := k.File(o.Path + ".tmpl"); template {
				p.Path, p.Line = o.Path+".tmpl", 0
			}
			ps = append(ps, p)
		}
	}
	return ps, nil
}
