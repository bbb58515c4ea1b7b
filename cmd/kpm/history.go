package main

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/kpm-sh/kpm/client"
	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/history"
)

type historyCmd struct {
	Name string `arg:"" help:"Name of the Kube."`
	clusterFlags
	output
}

// Run prints the revisions of an installation, the newest first.
func (h historyCmd) Run(ctx context.Context, std *stdio) error {
	k, err := h.connect(ctx, std)
	if err != nil {
		return err
	}
	id := api.Installation{Namespace: k.Namespace, Name: h.Name}
	revisions, err := history.NewStore(k).Revisions(ctx, id)
	if err != nil {
		return err
	}
	if len(revisions) == 0 {
		return &client.NotInstalledError{Installation: id}
	}
	if done, err := h.structured(std, revisions); done || err != nil {
		return err
	}
	if h.Output == "name" {
		for _, r := range revisions {
			std.line("%d", r.Number)
		}
		return nil
	}
	var rows [][]string
	for _, r := range revisions {
		rows = append(rows, []string{strconv.Itoa(r.Number), versionOf(r), actionOf(r), string(r.Status), ago(time.Now(), ended(r))})
	}
	h.table(std, []string{"REVISION", "VERSION", "ACTION", "STATUS", "WHEN"}, rows)
	return nil
}

// versionOf is the version of a revision, and whether it is still what its
// publisher made.
func versionOf(r history.Revision) string {
	if r.Edited {
		return r.Version + " (edited)"
	}
	return r.Version
}

// actionOf is what made a revision.
func actionOf(r history.Revision) string {
	if r.To > 0 {
		return fmt.Sprintf("%s to %d", r.Action, r.To)
	}
	return r.Action
}

// ended is when the work on a revision ended, or else began.
func ended(r history.Revision) time.Time {
	if r.Finished.IsZero() {
		return r.Started
	}
	return r.Finished
}
