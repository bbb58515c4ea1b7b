package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/kpm-sh/kpm/client"
	"github.com/kpm-sh/kpm/client/repos"
	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/history"
	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/words"
)

// doctorPatience is how long the doctor waits for one answer of a cluster.
const doctorPatience = requestTimeout(5 * time.Second)

// cluster asks the cluster that is meant, and says what is installed there of
// releases that were taken back.
func (d doctorCmd) cluster(ctx context.Context, c *client.Client, std *stdio) []repos.Finding {
	f := repos.Finding{Subject: "cluster"}
	if d.RequestTimeout == 0 || d.RequestTimeout > doctorPatience {
		d.RequestTimeout = doctorPatience
	}
	k, there, err := d.installed(ctx, std)
	if err != nil {
		f.Text = kube.CleanError(err.Error())
		return []repos.Finding{f}
	}
	f.OK, f.Text = true, fmt.Sprintf("%s, Kubernetes %s; %s", k.Host, k.Version, words.Count(len(there), "installation"))
	list := []repos.Finding{f}
	for _, r := range c.Recalls(ctx, there) {
		list = append(list, repos.Finding{Subject: r.Namespace + "/" + r.Name, Text: recallText(r) + "; " + std.insteadOf(r)})
	}
	return list
}

// installed is what is installed where the user may see it.
func (d doctorCmd) installed(ctx context.Context, std *stdio) (*api.Client, []history.Listed, error) {
	k, err := d.connect(ctx, std)
	if err != nil {
		return nil, nil, err
	}
	there, err := history.NewStore(k).List(ctx, "")
	if errors.Is(err, api.ErrForbidden) {
		there, err = history.NewStore(k).List(ctx, k.Namespace)
	}
	return k, there, err
}
