package main

import (
	"context"
	"fmt"
	"time"

	"github.com/kpm-sh/kpm/client"
	"github.com/kpm-sh/kpm/client/repos"
	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/history"
)

type listCmd struct {
	clusterFlags
	All bool `short:"A" name:"all-namespaces" help:"In all namespaces."`
	output
}

// installed is an installation as scripts see it.
type installed struct {
	Namespace   string    `json:"namespace"`
	Name        string    `json:"name"`
	Version     string    `json:"version"`
	Status      string    `json:"status"`
	Revision    int       `json:"revision"`
	Repository  string    `json:"repository,omitempty"`
	Edited      bool      `json:"edited,omitempty"`
	Unconfirmed bool      `json:"unconfirmed,omitempty"` // nothing in the cluster confirms the record
	Updated     time.Time `json:"updated"`

	Recalled *repos.Recall `json:"recalled,omitempty"` // its publisher took the release back
}

// Run prints what is installed, and what of it was taken back.
func (l listCmd) Run(ctx context.Context, c *client.Client, std *stdio) error {
	k, err := l.connect(ctx, std)
	if err != nil {
		return err
	}
	namespace := k.Namespace
	if l.All {
		namespace = ""
	}
	found, err := history.NewStore(k).List(ctx, namespace)
	if err != nil {
		return err
	}
	recalls := c.Recalls(ctx, found)
	recalled := recallsByID(recalls)
	views := make([]installed, len(found))
	for i, f := range found {
		views[i] = installedView(f)
		views[i].Recalled = recalled(f.Installation.Namespace, f.Installation.Name)
	}
	if !l.All {
		if err := confirm(ctx, k, found, views); err != nil {
			return err
		}
	}
	if done, err := l.structured(std, views); done || err != nil {
		return err
	}
	defer std.recalled(recalls)
	if l.Output == "name" {
		for _, v := range views {
			std.line("%s", v.Name)
		}
		return nil
	}
	if len(views) == 0 {
		std.step("nothing is installed in %s", where(namespace))
		return nil
	}
	l.print(std, views)
	return nil
}

// confirm marks the installations that nothing in the cluster confirms.
func confirm(ctx context.Context, k *api.Client, found []history.Listed, views []installed) error {
	alone, err := history.NewStore(k).AllUnwitnessed(ctx, found)
	if err != nil {
		return err
	}
	for i := range views {
		views[i].Unconfirmed = alone[i]
	}
	return nil
}

// installedView shows the version that is installed, and how the last operation
// ended.
func installedView(l history.Listed) installed {
	r := l.Newest
	if l.Installed != nil {
		r = *l.Installed
	}
	return installed{
		Namespace: l.Installation.Namespace, Name: l.Installation.Name, Version: r.Version, Status: string(l.Newest.Status),
		Revision: l.Newest.Number, Repository: r.Repository, Edited: r.Edited, Updated: ended(l.Newest),
	}
}

func (l listCmd) print(std *stdio, views []installed) {
	heading := []string{"NAME", "VERSION", "STATUS", "UPDATED"}
	if l.All {
		heading = append([]string{"NAMESPACE"}, heading...)
	}
	var rows [][]string
	for _, v := range views {
		row := []string{v.Name, v.Version, v.Status, ago(time.Now(), v.Updated)}
		if v.Edited {
			row[1] += " (edited)"
		}
		if v.Recalled != nil {
			row[1] += fmt.Sprintf(" (%s)", v.Recalled.Kind)
		}
		if v.Unconfirmed {
			row[2] += ", unconfirmed"
		}
		if l.All {
			row = append([]string{v.Namespace}, row...)
		}
		rows = append(rows, row)
	}
	l.table(std, heading, rows)
}

func where(namespace string) string {
	if namespace == "" {
		return "any namespace"
	}
	return "namespace " + namespace
}
