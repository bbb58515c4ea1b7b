package main

import (
	"context"

	"github.com/kpm-sh/kpm/client"
)

type outdatedCmd struct {
	clusterFlags
	All bool `short:"A" name:"all-namespaces" help:"In all namespaces."`
	output
}

// Run prints the installations of which a newer release is out, as the catalogs of
// the last update have it.
func (o outdatedCmd) Run(ctx context.Context, c *client.Client, std *stdio) error {
	k, err := o.connect(ctx, std)
	if err != nil {
		return err
	}
	namespace := k.Namespace
	if o.All {
		namespace = ""
	}
	there, err := k.List(ctx, namespace)
	if err != nil {
		return err
	}
	list, err := c.Outdated(there)
	if err != nil {
		return err
	}
	if done, err := o.structured(std, list); done || err != nil {
		return err
	}
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

func (o outdatedCmd) print(std *stdio, list []client.Outdated) {
	heading := []string{"NAME", "INSTALLED", "AVAILABLE"}
	if o.All {
		heading = append([]string{"NAMESPACE"}, heading...)
	}
	var rows [][]string
	for _, v := range list {
		row := []string{v.Name, v.Installed, v.Available}
		if o.All {
			row = append([]string{v.Namespace}, row...)
		}
		rows = append(rows, row)
	}
	o.table(std, heading, rows)
}
