package main

import (
	"path/filepath"

	"github.com/kpm-sh/kpm/client"
)

type createCmd struct {
	Name string `arg:"" help:"Name of the Kube and of its folder."`
}

// Run makes the folder of a Kube that passes lint.
func (c createCmd) Run(std *stdio) error {
	dir, err := client.Create(".", c.Name)
	if err != nil {
		return err
	}
	std.step("Created %s%c", dir, filepath.Separator)
	std.step("Next: edit it, then %s lint %s", std.name, dir)
	return nil
}
