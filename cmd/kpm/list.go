package main

import (
	"context"
	"time"

	"github.com/kpm-sh/kpm/internal/cluster"
)

type listCmd struct {
	clusterFlags
	All bool `short:"A" name:"all-namespaces" help:"In all namespaces."`
	output
}

// installed is an installation as scripts see it.
type installed struct {
	Namespace  string    `json:"namespace"`
	Name       string    `json:"name"`
	Version    string    `json:"version"`
	Status     string    `json:"status"`
	Revision   int       `json:"revision"`
	Repository string    `json:"repository,omitempty"`
	Edited     bool      `json:"edited,omitempty"`
	Updated    time.Time `json:"updated"`
}

// Run prints what is installed.
func (l listCmd) Run(ctx context.Context, std *stdio) error {
	k, err := l.connect(ctx, std)
	if err != nil {
		return err
	}
	namespace := k.Namespace
	if l.All {
		namespace = ""
	}
	found, err := k.List(ctx, namespace)
	if err != nil {
		return err
	}
	views := make([]installed, len(found))
	for i, f := range found {
		views[i] = installedView(f)
	}
	if done, err := l.structured(std, views); done || err != nil {
		return err
	}
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

// installedView shows the version that is installed, and how the last operation
// ended.
func installedView(l cluster.Listed) installed {
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
