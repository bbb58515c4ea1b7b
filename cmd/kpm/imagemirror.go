package main

import (
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
