package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"runtime/debug"
	"time"

	"github.com/kpm-sh/kpm/cmd/internal/findings"
	"github.com/kpm-sh/kpm/indexer"
	"github.com/kpm-sh/kpm/internal/errcode"
	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/words"
)

type checkCmd struct {
	Names []string `arg:"" optional:"" name:"name" help:"The Kubes to judge; all of the folder without."`
	packagesFlag
	ChangedSince string `placeholder:"REV" help:"Judge only Kubes with files that are not as in this commit of git."`
	Previous     string `placeholder:"URL|DIR" help:"Where the repository is published: refuse what a build would refuse to lay over it."`
	Trust        string `placeholder:"DIR" help:"Folder of trust documents, instead of those that --previous has."`
	Strict       bool   `help:"Treat warnings as errors."`
	RequireJinja bool   `help:"Fail where Python's own Jinja2 is not there to compare what templates give."`
	Cluster      string `placeholder:"PATH" help:"A built kpm-cluster: have the server's own code judge what lint finds nothing in, CEL rules included."`
	Output       string `short:"o" enum:"text,json,github" default:"text" help:"text, json, or github: annotations of a pull request."`
}

// gcPercent lets a check, which holds little and makes much, collect its garbage seldom.
const gcPercent = 400

// Run judges all Kubes and prints every finding.
func (c checkCmd) Run(ctx context.Context, std stdio) error {
	debug.SetGCPercent(gcPercent)
	packages, config, err := c.open()
	if err != nil {
		return err
	}
	if _, err := (lifeFlag{}).life(time.Duration(config.ExpiresIn)); err != nil {
		return err
	}
	o, err := c.options(packages, config, std)
	if err != nil {
		return err
	}
	o.Names = c.Names
	since, err := changedSince(ctx, c.Packages, c.ChangedSince)
	if err != nil {
		return err
	}
	o.Changed, o.Moved = since.changed, since.moved
	got, err := indexer.Check(ctx, o)
	if errors.Is(err, indexer.ErrNoSite) && !errcode.Has(err, errcode.LostHead) {
		return fmt.Errorf("%w; before the first publish there is nothing to compare with: leave --previous out", err)
	}
	if err != nil {
		return err
	}
	more, unasked := c.second(ctx, packages, got, std)
	ps := append(got.Problems, more...)
	for _, at := range since.submodules {
		ps = append(ps, kube.Problem{Path: at, Message: "is a submodule; a Kube is made of files of the packages repository"})
	}
	ps.Sort()
	if err := findings.Write(std.out, c.Output, ps.In(c.Packages)); err != nil {
		return err
	}
	bad, warned := len(ps.Errors()), len(ps.Warnings())
	against := ""
	if got.Head != nil {
		against = fmt.Sprintf(" against publish %d of %s", got.Head.Seq, got.Head.Repository)
	}
	std.say("%s checked%s: %s, %s", words.Count(len(got.Kubes), "Kube"), against, words.Count(bad, "error"), words.Count(warned, "warning"))
	if unasked != nil {
		return unasked
	}
	if bad > 0 || (c.Strict && warned > 0) {
		return errors.New("the packages folder cannot be published as it is")
	}
	return nil
}

func (c checkCmd) options(packages fs.FS, config indexer.Config, std stdio) (indexer.CheckOptions, error) {
	o := indexer.CheckOptions{Packages: packages, Config: config, Report: std.report()}
	if c.Previous == "" {
		if c.Trust != "" {
			return o, usage("--trust is for --previous, which is not given")
		}
		return o, nil
	}
	now, err := std.now()
	o.Previous = &indexer.MaintainOptions{Site: c.Previous, Trust: c.Trust, Now: now, Fetch: std.fetch(), Report: std.report()}
	return o, err
}
