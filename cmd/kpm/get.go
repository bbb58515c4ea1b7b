package main

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/kpm-sh/kpm/client"
	"github.com/kpm-sh/kpm/client/repos"
	"github.com/kpm-sh/kpm/client/workcopy"
)

type getCmd struct {
	Kubes []string `arg:"" name:"kube" help:"NAME, NAME@VERSION or REPO/NAME."`
	Merge bool     `help:"Bring your copy to the release and keep your edits."`
	Pre   bool     `help:"Take pre-releases too."`
}

// Run makes a working copy of each Kube.
func (g getCmd) Run(ctx context.Context, c *client.Client, std *stdio, s *settings) error {
	for _, text := range g.Kubes {
		ref, err := repos.ParseRef(text)
		if err != nil {
			return err
		}
		if ref.Path != "" {
			return usage("%q: get is for published Kubes; copy a folder or unpack an archive yourself", text)
		}
		if err := g.one(ctx, c, std, s, ref); err != nil {
			return err
		}
	}
	return nil
}

func (g getCmd) one(ctx context.Context, c *client.Client, std *stdio, s *settings, ref repos.Ref) error {
	std.step("Downloading %s", ref.Name)
	rel, err := c.Repos.Resolve(ctx, ref, g.Pre)
	if err != nil {
		return err
	}
	if g.Merge {
		if done, err := merge(ctx, c, std, rel); done || err != nil {
			return err
		}
	}
	co, err := c.Checkout(ctx, rel)
	if err != nil {
		return err
	}
	if len(co.Edited) > 0 {
		if err := std.ask(ctx, lossQuestion(co), s.Yes); err != nil {
			return err
		}
	}
	if err := c.Copies().Commit(ctx, co); err != nil {
		return err
	}
	std.step("Cached files into %s%c", co.Dir, os.PathSeparator)
	return nil
}

// lossQuestion asks before edits are lost.
func lossQuestion(co *workcopy.Checkout) client.Question {
	return client.Question{
		Facts: []string{
			fmt.Sprintf("%s was edited: %s", co.Dir, summary(co.Edited)),
			fmt.Sprintf("get --merge %s would keep these edits", co.Kube.Name),
		},
		Ask: "Replace your copy and lose these edits?",
	}
}

// summary names the first of some files.
func summary(files []string) string {
	const most = 5
	if len(files) <= most {
		return strings.Join(files, " ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(files[:most], " "), len(files)-most)
}

// merge brings the working copy to a release, if there is one that kpm made.
func merge(ctx context.Context, c *client.Client, std *stdio, rel repos.Release) (done bool, err error) {
	m, err := c.Merge(ctx, rel)
	if err != nil {
		return false, err
	}
	if m != nil {
		if err := c.Copies().CommitMerge(ctx, m); err != nil {
			return false, err
		}
		std.step("Merged into %s%c", m.Dir, os.PathSeparator)
		return true, nil
	}
	o, known, err := c.Copies().Origin(rel.Name)
	if err == nil && known && o.Archive == rel.SHA256 {
		std.step("%s is of %s already", c.Home.Copy(rel.Name), rel.Version)
		return true, nil
	}
	return false, err
}
