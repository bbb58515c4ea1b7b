package main

import (
	"context"
	"strings"

	"github.com/kpm-sh/kpm/client"
	"github.com/kpm-sh/kpm/client/repos"
	"github.com/kpm-sh/kpm/client/solve"
	"github.com/kpm-sh/kpm/internal/errcode"
)

type depsCmd struct {
	Kube string `arg:"" help:"NAME, NAME@VERSION, REPO/NAME, ./DIR or FILE.tgz."`
	Pre  bool   `help:"Take a pre-release of the Kube too."`
	output
}

// errUnmet is what deps ends with when something cannot be met; it has said why.
var errUnmet = errcode.New(errcode.Unmet, "not every dependency can be met")

// Run prints the dependencies as a tree, with the release that meets each.
func (d depsCmd) Run(ctx context.Context, c *client.Client, std *stdio) error {
	ref, err := repos.ParseRef(d.Kube)
	if err != nil {
		return err
	}
	root, err := c.Dependencies(ctx, ref, d.Pre)
	if err != nil {
		return err
	}
	if err := d.print(std, root); err != nil {
		return err
	}
	problems := root.Problems()
	for _, p := range problems {
		std.warn(p)
	}
	if len(problems) > 0 {
		return errUnmet
	}
	return nil
}

func (d depsCmd) print(std *stdio, root *solve.Dependency) error {
	if done, err := d.structured(std, root); done || err != nil {
		return err
	}
	if d.Output == "name" {
		for _, need := range root.Order() {
			std.line("%s", need.Name)
		}
		return nil
	}
	std.line("%s %s", root.Name, root.Version)
	printBelow(std, root, 1)
	return nil
}

func printBelow(std *stdio, d *solve.Dependency, depth int) {
	for _, child := range d.Dependencies {
		std.line("%s%s", strings.Repeat("  ", depth), dependency(child))
		printBelow(std, child, depth+1)
	}
}

// dependency is one line of the tree.
func dependency(d *solve.Dependency) string {
	text := d.Name
	if d.Range != "" {
		text += " (" + d.Range + ")"
	}
	switch {
	case d.Cycle:
		return text + ": a cycle"
	case d.Version == "":
		return text + ": none"
	case d.Problem != "":
		return text + ": not " + d.Version
	case d.Above:
		return text + ": " + d.Version + ", as above"
	}
	return text + ": " + d.Version
}
