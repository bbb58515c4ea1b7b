package site

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"reflect"
	"slices"

	"github.com/kpm-sh/kpm/internal/images"
	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/manifest"
	"github.com/kpm-sh/kpm/internal/render"
)

// contents are what an archive holds, and what it gives with its default
// values.
type contents struct {
	kube        *kube.Kube
	objects     map[string]manifest.Object // by what String says
	Images      []string
	Permissions []string
	Values      []value
	Problem     string // why the objects of some templates are not known
}

// open reads the archive of a release. A withdrawn one has no contents.
func open(ctx context.Context, read Reader, name string, r index.Release) (*contents, error) {
	if r.Withdrawn != "" {
		return nil, nil
	}
	data, err := read(ctx, index.ArchivePath(name, r.Version), r.Ref())
	if err != nil {
		return nil, fmt.Errorf("reading %s %s: %w", name, r.Version, err)
	}
	k, err := kube.Unpack(bytes.NewReader(data), name, r.Version)
	if err != nil {
		return nil, fmt.Errorf("unpacking %s %s: %w", name, r.Version, err)
	}
	return newContents(ctx, k)
}

func newContents(ctx context.Context, k *kube.Kube) (*contents, error) {
	c := &contents{kube: k, objects: map[string]manifest.Object{}, Images: slices.Clone(k.Images)}
	defaults, err := render.Defaults(k)
	if err != nil {
		c.Problem = "its values.yaml cannot be read"
	}
	files, err := render.Render(ctx, k, defaults.Values, render.Options{Lenient: true})
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		c.Problem = "not every template gives objects with the default values alone"
	}
	for _, f := range files {
		objects, faults := manifest.Decode(f.Path, f.Data)
		if faults.Err() != nil {
			c.Problem = "not every file of it can be read"
		}
		for _, o := range objects {
			c.objects[o.String()] = o
			c.Images = append(c.Images, images.Of(o)...)
			c.Permissions = append(c.Permissions, manifest.Permissions(o)...)
		}
	}
	c.Images, c.Permissions = sortedSet(c.Images), sortedSet(c.Permissions)
	c.Values = valuesOf(k, defaults.Values)
	return c, nil
}

func sortedSet(texts []string) []string {
	slices.Sort(texts)
	return slices.Compact(texts)
}

// kinds counts the objects by kind, as in "2 Services".
func (c *contents) kinds() []string {
	counts := map[string]int{}
	for _, o := range c.objects {
		counts[o.Kind]++
	}
	var out []string
	for _, kind := range slices.Sorted(maps.Keys(counts)) {
		out = append(out, fmt.Sprintf("%d %s", counts[kind], kind))
	}
	return out
}

// change is one line of what a release changed.
type change struct {
	Sign string // "+", "−" or "~"
	Word string // the sign as a word, for who cannot see it
	What string // "object", "image", "permission", "value"
	Text string
}

func (c change) size() int { return 130 + weigh(c.Text) }

// changes tells what a release changed since the one before: objects, images,
// permissions and values, in this order.
func changes(before, after *contents) []change {
	if before == nil || after == nil {
		return nil
	}
	list := compare("object", slices.Sorted(maps.Keys(before.objects)), slices.Sorted(maps.Keys(after.objects)))
	for _, name := range slices.Sorted(maps.Keys(after.objects)) {
		if old, ok := before.objects[name]; ok && !reflect.DeepEqual(old.Value, after.objects[name].Value) {
			list = append(list, change{"~", "changed", "object", name})
		}
	}
	list = append(list, compare("image", before.Images, after.Images)...)
	list = append(list, compare("permission", before.Permissions, after.Permissions)...)
	return append(list, compareValues(before.Values, after.Values)...)
}

// compare tells what two sorted lists have not in common.
func compare(what string, before, after []string) []change {
	var list []change
	for _, text := range after {
		if _, ok := slices.BinarySearch(before, text); !ok {
			list = append(list, change{"+", "added", what, text})
		}
	}
	for _, text := range before {
		if _, ok := slices.BinarySearch(after, text); !ok {
			list = append(list, change{"−", "removed", what, text})
		}
	}
	return list
}

func compareValues(before, after []value) []change {
	old := map[string]value{}
	for _, v := range before {
		old[v.Name] = v
	}
	var list []change
	for _, v := range after {
		was, ok := old[v.Name]
		delete(old, v.Name)
		switch {
		case !ok:
			list = append(list, change{"+", "added", "value", v.Name})
		case was.Default != v.Default:
			list = append(list, change{"~", "changed", "value", fmt.Sprintf("%s: %s → %s", v.Name, shown(was.Default), shown(v.Default))})
		}
	}
	for _, name := range slices.Sorted(maps.Keys(old)) {
		list = append(list, change{"−", "removed", "value", name})
	}
	return list
}

func shown(text string) string {
	if text == "" {
		return "nothing"
	}
	return text
}
