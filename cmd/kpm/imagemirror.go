package main

import (
	"context"

	"github.com/kpm-sh/kpm/client"
	"github.com/kpm-sh/kpm/client/imageset"
)

// imageFlags say where images come from.
type imageFlags struct {
	ImageMirror   string `name:"images" xor:"images" placeholder:"REGISTRY/PREFIX" help:"Take images from this mirror, instead of where the manifests or the settings of the repository say."`
	PinPlatform   string `placeholder:"OS/ARCH" help:"Name the manifests of this platform there, for a registry that takes no index of which platforms are left out."`
	NoImageMirror bool   `xor:"images" help:"Take images from where the manifests say."`
	RequireImages bool   `help:"Refuse to go on when the image mirror cannot be asked."`
}

// tell tells the client.
func (f imageFlags) tell(c *client.Client) {
	c.ImageMirror = imageset.Mirror{Address: f.ImageMirror, Platform: f.PinPlatform, None: f.NoImageMirror, Require: f.RequireImages}
}

type repoSetCmd struct {
	Alias    string `arg:"" help:"The repository."`
	Images   string `xor:"images" placeholder:"REGISTRY/PREFIX" help:"Take the images of its Kubes from this mirror."`
	NoImages bool   `xor:"images" help:"Take them from where their manifests say."`

	PinPlatform string `placeholder:"OS/ARCH" help:"Name the manifests of this platform there, for a registry that takes no index of which platforms are left out."`
}

// Run changes how a repository is used.
func (r repoSetCmd) Run(ctx context.Context, c *client.Client, std *stdio) error {
	if r.Images == "" && !r.NoImages {
		return usage("nothing to set: say --images REGISTRY/PREFIX or --no-images")
	}
	if r.NoImages && r.PinPlatform != "" {
		return usage("--pin-platform is for --images")
	}
	if err := c.Repos.ConfigFile().SetImages(ctx, r.Alias, r.Images, r.PinPlatform); err != nil {
		return err
	}
	if r.NoImages {
		std.step("%s takes images from where manifests say", r.Alias)
		return nil
	}
	std.step("%s takes images from %s", r.Alias, r.Images)
	return nil
}
