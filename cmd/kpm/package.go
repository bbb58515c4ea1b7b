package main

import (
	"context"
	"os"

	"github.com/kpm-sh/kpm/client"
)

type packageCmd struct {
	Dir string `arg:"" help:"Folder of a Kube."`
	Out string `default:"." placeholder:"DIR" help:"Where to put the archive."`
}

// Run packs a Kube and prints the path of the archive.
func (p packageCmd) Run(ctx context.Context, std *stdio) error {
	_, missing := os.Stat(p.Out)
	path, ref, err := client.Package(ctx, p.Dir, p.Out)
	if err != nil {
		return err
	}
	if missing != nil {
		std.step("Made the folder %s", p.Out)
	}
	std.line("%s", path)
	std.step("%s, sha256:%s", size(ref.Size), ref.SHA256)
	return nil
}
