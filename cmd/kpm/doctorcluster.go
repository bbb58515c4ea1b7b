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

// cluster asks the cluster that is meant, and says of what is installed there what is
// damaged, has failed or is of releases that were taken back.
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
	list := append([]repos.Finding{f}, ailing(ctx, history.NewStore(k), std, there)...)
	for _, r := range c.Recalls(ctx, there) {
		list = append(list, repos.Finding{Subject: r.Namespace + "/" + r.Name, Text: recallText(r) + "; " + std.insteadOf(r)})
	}
	return list
}

// ailing are the installations whose record is damaged, and those whose newest revision
// did not get to its end.
func ailing(ctx context.Context, s *history.Store, std *stdio, there []history.Listed) []repos.Finding {
	damaged, err := s.Damaged(ctx, there)
	var list []repos.Finding
	if err != nil {
		list = append(list, repos.Finding{Subject: "records", Text: kube.CleanError(err.Error())})
	}
	here := history.Here("", "")
	for i, l := range there {
		subject := l.Installation.Namespace + "/" + l.Installation.Name
		if err := damaged[i]; err != nil {
			list = append(list, repos.Finding{Subject: subject, Text: kube.CleanError(err.Error()), Err: err})
		}
		status := l.Newest.Status
		if s.Lost(l.Newest, here) {
			status = history.Interrupted
		}
		if status == history.Failed || status == history.Interrupted {
			text := fmt.Sprintf("%s %s, revision %d, %s %s; %s", actionOf(l.Newest), versionOf(l.Newest), l.Newest.Number, status, ago(time.Now(), ended(l.Newest)), goOn(std.name, l))
			list = append(list, repos.Finding{Subject: subject, Text: kube.Clean(text, false)})
		}
	}
	return list
}

// goOn is what to type about an installation whose newest revision did not get to its
// end.
func goOn(program string, l history.Listed) string {
	name, namespace := l.Installation.Name, l.Installation.Namespace
	what := name
	if l.Newest.Repository == "" {
		what = "with " + name + ", from wherever you have it,"
	}
	line := func(verb, what string) string { return fmt.Sprintf("%s %s %s -n %s", program, verb, what, namespace) }
	switch {
	case l.Newest.Action == "uninstall":
		return "type " + line("uninstall", name) + ", which goes on with it"
	case l.Installed == nil:
		return fmt.Sprintf("type %s to see why; %s goes on, %s takes away what was made", line("status", name), line("install", what), line("uninstall", name))
	case l.Newest.Action == "rollback":
		return fmt.Sprintf("type %s to see why; %s goes on", line("status", name), line("rollback", name))
	}
	return fmt.Sprintf("type %s to see why; %s goes on, %s goes back", line("status", name), line("upgrade", what), line("rollback", name))
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
