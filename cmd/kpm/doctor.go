package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"slices"

	"github.com/kpm-sh/kpm/client"
	"github.com/kpm-sh/kpm/client/repos"
	"github.com/kpm-sh/kpm/client/workcopy"
	"github.com/kpm-sh/kpm/cmd/internal/exit"
	"github.com/kpm-sh/kpm/internal/kube"
)

type doctorCmd struct {
	RevokeHook string `placeholder:"KUBE|sha256:DIGEST" help:"Forget that you agreed to the hooks of this Kube, or to this one: you are asked again. Nothing else is done."`
	clusterFlags
	output
}

// Run prints what was looked at, the hooks that the user agreed to among it; it
// fails when something needs a hand.
func (d doctorCmd) Run(ctx context.Context, c *client.Client, std *stdio) error {
	if d.RevokeHook != "" {
		return d.revoke(ctx, c, std)
	}
	config := d.config(std)
	findings := slices.Concat(c.Repos.Doctor(), copies(ctx, c, std), []repos.Finding{python(), config})
	if config.OK {
		findings = append(findings, d.cluster(ctx, c, std)...)
	}
	bad := false
	rows := make([][]string, len(findings))
	for i := range findings {
		f := &findings[i]
		if next := exit.Next("kpm", f.Err); next != "" {
			f.Text += "; " + next
		}
		rows[i] = []string{mark(f.OK), f.Subject, f.Text}
		bad = bad || !f.OK
	}
	done, err := d.structured(std, findings)
	if err != nil {
		return err
	}
	switch {
	case done:
	case d.Output == "name":
		for _, f := range findings {
			std.line("%s", f.Subject)
		}
	default:
		d.table(std, []string{"", "SUBJECT", "FINDING"}, rows)
	}
	if bad {
		return errFindings
	}
	return nil
}

func (d doctorCmd) revoke(ctx context.Context, c *client.Client, std *stdio) error {
	gone, err := c.Repos.ConfigFile().Revoke(ctx, d.RevokeHook)
	for _, given := range gone {
		std.step("Forgot that the hook of %s %s", given.Kube, given)
	}
	return err
}

// copies are the working copies that need a hand: they wait to be merged, or are of
// releases that were taken back.
func copies(ctx context.Context, c *client.Client, std *stdio) []repos.Finding {
	names, err := c.Copies().Names()
	if err != nil {
		return []repos.Finding{{Subject: "copies", Text: err.Error()}}
	}
	var list []repos.Finding
	for _, name := range names {
		copied, err := c.Copies().Copy(name)
		if err != nil {
			list = append(list, repos.Finding{Subject: name, Text: err.Error()})
			continue
		}
		if copied == nil {
			continue // it went in this moment
		}
		if err := workcopy.CheckMerged(copied.Dir); err != nil {
			list = append(list, repos.Finding{Subject: name, Text: kube.CleanError(err.Error()), Err: err})
		}
		for _, r := range c.Repos.Recalls(ctx, []repos.Installed{{Name: name, Version: copied.Version, Repository: copied.Origin.Repository}}) {
			next := fmt.Sprintf("type %s get --merge %s", std.name, name)
			if r.Instead == "" {
				next = "nothing takes its place"
			}
			list = append(list, repos.Finding{Subject: name, Text: kube.Clean(r.OfCopy(copied.Dir), false) + "; " + next})
		}
	}
	return list
}

func mark(ok bool) string {
	if ok {
		return "ok"
	}
	return "!!"
}

// python looks for what hooks run with.
func python() repos.Finding {
	for _, name := range []string{"python3", "py"} {
		if path, err := exec.LookPath(name); err == nil {
			return repos.Finding{Subject: "python3", OK: true, Text: path}
		}
	}
	return repos.Finding{Subject: "python3", Text: "is not in PATH; Kubes with a pre-install script need it"}
}

// config looks for the configuration of a cluster. Inside a cluster there is
// a service account instead.
func (d doctorCmd) config(std *stdio) repos.Finding {
	f := repos.Finding{Subject: "kubeconfig"}
	paths, err := d.kubeconfigs(std)
	if err != nil {
		f.Text = kube.Clean(err.Error(), false)
		return f
	}
	for _, path := range paths {
		_, err := os.Stat(path)
		if err == nil {
			f.OK, f.Text = true, path
			return f
		}
		if !errors.Is(err, fs.ErrNotExist) {
			f.Text = err.Error()
			return f
		}
	}
	if std.getenv("KUBERNETES_SERVICE_HOST") != "" {
		f.OK, f.Text = true, "none, but this runs inside a cluster"
		return f
	}
	f.Text = paths[0] + " does not exist; installing needs a cluster"
	return f
}
