package main

import (
	"context"
	"fmt"

	"github.com/kpm-sh/kpm/client"
	"github.com/kpm-sh/kpm/cmd/internal/findings"
	"github.com/kpm-sh/kpm/cmd/internal/twin"
	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/words"
)

type lintCmd struct {
	Dirs   []string `arg:"" name:"dir" help:"Folders of Kubes."`
	Output string   `short:"o" enum:"text,json,github" default:"text" help:"text, json, or github: annotations of a pull request."`
	Strict bool     `help:"Treat warnings as errors."`
	Python bool     `help:"Have Python, confined, parse the hook and render the templates with its own Jinja2, as kpm-indexer check does."`
}

// Run prints what is wrong, one finding a line; warnings alone are no failure.
func (l lintCmd) Run(ctx context.Context, std *stdio) error {
	failed := false
	var all kube.Problems
	for _, dir := range l.Dirs {
		k, problems, err := client.Lint(ctx, dir)
		if err == nil && l.Python {
			var more kube.Problems
			more, err = l.ask(ctx, std, k, problems.Err() == nil)
			problems = append(problems, more...)
			problems.Sort()
		}
		if err != nil {
			return err
		}
		failed = failed || problems.Err() != nil || l.Strict && len(problems) > 0
		all = append(all, problems.In(dir)...)
		if l.Output == "text" {
			if err := findings.Write(std.out, l.Output, problems.In(dir)); err != nil {
				return err
			}
		}
		std.step("%s: %s", dir, verdict(problems))
	}
	if l.Output != "text" {
		if err := findings.Write(std.out, l.Output, all); err != nil {
			return err
		}
	}
	if failed {
		return errFindings
	}
	return nil
}

// ask has Python judge a Kube; valid is one that nothing is wrong with otherwise.
func (l lintCmd) ask(ctx context.Context, std *stdio, k *kube.Kube, valid bool) (kube.Problems, error) {
	t, closing, err := twin.New()
	if err != nil {
		return nil, err
	}
	defer closing()
	ps, err := t.Judge(ctx, k, valid)
	for _, note := range t.Notes() {
		std.step("%s", note)
	}
	return ps, err
}

func verdict(ps kube.Problems) string {
	errs, warnings := int64(len(ps.Errors())), int64(len(ps.Warnings()))
	if errs+warnings == 0 {
		return "fine"
	}
	return fmt.Sprintf("%s, %s", words.Count(errs, "error"), words.Count(warnings, "warning"))
}
