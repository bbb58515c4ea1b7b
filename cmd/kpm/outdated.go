package main

import (
	"context"
	"fmt"

	"github.com/kpm-sh/kpm/client"
	"github.com/kpm-sh/kpm/client/repos"
	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/history"
)

type outdatedCmd struct {
	clusterFlags
	All bool `short:"A" name:"all-namespaces" help:"In all namespaces."`
	output
}

// stale is an installation that should become another one, as scripts see it: a
// newer release is out, or its own was taken back. Without a newer one Available is
// empty, and what to take instead is with the recall.
type stale struct {
	repos.Outdated
	Recalled *repos.Recall `json:"recalled,omitempty"`
}

// Run prints the installations of which a newer release is out, or whose release was
// taken back, as the catalogs of the last update have it.
func (o outdatedCmd) Run(ctx context.Context, c *client.Client, std *stdio) error {
	k, err := o.connect(ctx, std)
	if err != nil {
		return err
	}
	namespace := k.Namespace
	if o.All {
		namespace = ""
	}
	there, err := history.NewStore(k).List(ctx, namespace)
	if err != nil {
		return err
	}
	newer, err := c.Outdated(there)
	if err != nil {
		return err
	}
	recalls := c.Recalls(ctx, there)
	list := withRecalled(newer, there, recalls)
	if done, err := o.structured(std, list); done || err != nil {
		return err
	}
	defer std.recalled(recalls)
	if o.Output == "name" {
		for _, v := range list {
			std.line("%s", v.Name)
		}
		return nil
	}
	if len(list) == 0 {
		std.step("nothing is outdated in %s", where(namespace))
		return nil
	}
	o.print(std, list)
	return nil
}

// withRecalled adds what was recalled to what is outdated, in the order of the
// installations.
func withRecalled(newer []repos.Outdated, there []history.Listed, recalls []repos.Recall) []stale {
	recalled := recallsByID(recalls)
	outdated := map[api.Installation]repos.Outdated{}
	for _, o := range newer {
		outdated[api.Installation{Namespace: o.Namespace, Name: o.Name}] = o
	}
	list := []stale{}
	for _, l := range there {
		o, isOutdated := outdated[l.Installation]
		r := recalled(l.Installation.Namespace, l.Installation.Name)
		switch {
		case isOutdated:
			list = append(list, stale{o, r})
		case r != nil:
			o = repos.Outdated{Namespace: r.Namespace, Name: r.Name, Installed: r.Version, Repository: r.Repository, Edited: l.Installed.Edited}
			list = append(list, stale{o, r})
		}
	}
	return list
}

func (o outdatedCmd) print(std *stdio, list []stale) {
	heading := []string{"NAME", "INSTALLED", "AVAILABLE"}
	if o.All {
		heading = append([]string{"NAMESPACE"}, heading...)
	}
	var rows [][]string
	for _, v := range list {
		row := []string{v.Name, v.Installed, v.Available}
		if v.Recalled != nil {
			row[1] += fmt.Sprintf(" (%s)", v.Recalled.Kind)
		}
		if o.All {
			row = append([]string{v.Namespace}, row...)
		}
		rows = append(rows, row)
	}
	o.table(std, heading, rows)
}
