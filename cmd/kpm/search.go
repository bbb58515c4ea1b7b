package main

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/kpm-sh/kpm/client"
	"github.com/kpm-sh/kpm/internal/kube"
)

type searchCmd struct {
	Pattern []string `arg:"" optional:"" help:"Words, all of which must match; word* is a prefix; kind: image: keyword: license: tested: narrow it. None lists all."`
	Limit   int      `default:"-1" placeholder:"N" help:"Show at most N; 0 is all (20, or all without a pattern)."`
	Repo    string   `placeholder:"REPO" help:"Search this repository alone."`
	output
}

// match is a hit as scripts see it.
type match struct {
	Name        string `json:"name"`
	Version     string `json:"version"`
	Description string `json:"description"`
	Repository  string `json:"repository"`
	Deprecated  string `json:"deprecated,omitempty"`
	Yanked      string `json:"yanked,omitempty"`
}

// Run prints the Kubes that match. None is an answer, too.
func (s searchCmd) Run(ctx context.Context, c *client.Client, std *stdio) error {
	pattern := strings.Join(s.Pattern, " ")
	limit := s.Limit
	if limit < 0 && pattern != "" {
		limit = 20
	}
	found, err := c.Repos.Search(ctx, s.Repo, pattern, max(limit, 0))
	if err != nil {
		return err
	}
	matches := make([]match, len(found.Hits))
	for i, h := range found.Hits {
		matches[i] = match{h.Name, h.Version, h.Description, h.Repository, h.Deprecated, h.Yanked}
	}
	switch {
	case found.Total == 0:
		std.step("nothing matches %q", pattern)
	case found.DidYouMean:
		std.step("nothing matches %q; similar:", pattern)
	}
	if done, err := s.structured(std, matches); done || err != nil {
		return err
	}
	s.print(std, matches, found.Repositories > 1)
	if found.Total > len(matches) {
		std.step("%d of %d; --limit 0 shows all", len(matches), found.Total)
	}
	return nil
}

func (s searchCmd) print(std *stdio, matches []match, several bool) {
	labels := make([]string, len(matches))
	width := 0
	for i, m := range matches {
		labels[i] = kube.Clean(m.Name, false)
		if s.Output == "name" {
			fmt.Fprintln(std.out, labels[i])
			continue
		}
		if several {
			labels[i] = kube.Clean(m.Repository, false) + "/" + labels[i]
		}
		labels[i] += ":"
		width = max(width, utf8.RuneCountInString(labels[i]))
	}
	if s.Output == "name" {
		return
	}
	for i, m := range matches {
		fmt.Fprintf(std.out, "\t%-*s %s\n", width, labels[i], kube.Clean(m.Description+m.mark(), false))
	}
}

// mark says what somebody should know before taking it.
func (m match) mark() string {
	switch {
	case m.Yanked != "":
		return " (yanked)"
	case m.Deprecated != "":
		return " (deprecated)"
	}
	return ""
}
