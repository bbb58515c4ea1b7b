package main

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/kpm-sh/kpm/client"
	"github.com/kpm-sh/kpm/client/imageset"
	"github.com/kpm-sh/kpm/client/repos"
	"github.com/kpm-sh/kpm/internal/images"
	"github.com/kpm-sh/kpm/internal/images/registry"
)

type imagesCmd struct {
	Kubes     []string `arg:"" optional:"" help:"NAME, NAME@VERSION, REPO/NAME, ./DIR or FILE.tgz."`
	All       bool     `help:"Of every Kube of every repository, as they were published."`
	Installed bool     `help:"Of what is installed in the cluster, in all namespaces unless -n names one."`
	Resolve   bool     `help:"Ask the registries for digests and sizes that are not known."`
	Pre       bool     `help:"Take pre-releases too."`
	values
	clusterFlags
	output
}

// Run prints the images that Kubes name, one a line.
func (i imagesCmd) Run(ctx context.Context, c *client.Client, std *stdio, s *settings) error {
	if ways := len(i.Kubes) > 0; ways == (i.All || i.Installed) || i.All && i.Installed {
		return usage("say which Kubes: their names, --all or --installed")
	}
	if i.Resolve && s.Offline {
		return repos.ErrOffline
	}
	all, err := i.find(ctx, c, std)
	if err != nil {
		return err
	}
	if i.Resolve {
		if all, err = imageset.Resolved(ctx, registry.New(registry.Options{Fetch: c.Repos.Fetch}), all, func(err error) { std.warn(err.Error()) }); err != nil {
			return err
		}
	}
	if done, err := i.structured(std, all); done || err != nil {
		return err
	}
	i.print(std, all)
	return nil
}

func (i imagesCmd) find(ctx context.Context, c *client.Client, std *stdio) ([]imageset.Image, error) {
	switch {
	case i.All:
		return c.AllImages(ctx)
	case i.Installed:
		k, err := i.connect(ctx, std)
		if err != nil {
			return nil, err
		}
		return c.InstalledImages(ctx, k, i.Namespace)
	}
	var all []imageset.Image
	for _, text := range i.Kubes {
		ref, err := repos.ParseRef(text)
		if err != nil {
			return nil, err
		}
		some, err := c.Images(ctx, ref, i.client(std), i.Pre)
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	return joined(all), nil
}

// joined has each reference once, with all its Kubes.
func joined(all []imageset.Image) []imageset.Image {
	slices.SortStableFunc(all, func(a, b imageset.Image) int { return strings.Compare(a.Ref+" "+a.Digest, b.Ref+" "+b.Digest) })
	out := []imageset.Image{}
	for _, image := range all {
		if n := len(out); n > 0 && out[n-1].Ref == image.Ref && out[n-1].Digest == image.Digest {
			out[n-1].Kubes = append(out[n-1].Kubes, image.Kubes...)
			continue
		}
		out = append(out, image)
	}
	return out
}

func (i imagesCmd) print(std *stdio, all []imageset.Image) {
	var rows [][]string
	for _, image := range all {
		if i.Output == "name" {
			text := image.Ref
			if image.Digest != "" && !strings.Contains(text, "@") {
				text += "@" + image.Digest
			}
			std.line("%s", text)
			continue
		}
		row := []string{image.Ref, cmp.Or(image.Digest, "-"), "-", strings.Join(image.Kubes, ", ")}
		if image.Size > 0 {
			row[2] = size(image.Size)
		}
		if image.Sort == images.Possible {
			row[3] += " (possible)"
		}
		rows = append(rows, row)
	}
	switch {
	case i.Output == "name":
	case len(rows) == 0:
		std.step("no image is named")
	default:
		i.table(std, []string{"IMAGE", "DIGEST", "SIZE", "KUBES"}, rows)
	}
}
