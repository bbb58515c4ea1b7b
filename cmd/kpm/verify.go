package main

import (
	"context"

	"github.com/kpm-sh/kpm/client"
	"github.com/kpm-sh/kpm/client/repos"
	"github.com/kpm-sh/kpm/cmd/internal/exit"
	"github.com/kpm-sh/kpm/internal/index"
)

type verifyCmd struct {
	Kube    string `arg:"" help:"NAME, NAME@VERSION, REPO/NAME or FILE.tgz, beside which FILE.tgz.sigstore.json may lie."`
	Explain bool   `help:"Say each check: what was compared, and where the key came from."`
	Pre     bool   `help:"Take pre-releases too."`
	output
}

// verified is the answer of verify as scripts see it.
type verified struct {
	Name       string          `json:"name,omitempty"`
	Version    string          `json:"version,omitempty"`
	SHA256     index.Digest    `json:"sha256,omitempty"`
	Repository string          `json:"repository,omitempty"`
	Signer     string          `json:"signer,omitempty"`
	Commit     string          `json:"commit,omitempty"`
	Trusted    bool            `json:"trusted"`
	Checks     []repos.Finding `json:"checks,omitempty"`
}

// Run says who answers for an archive; if that is nobody, it fails and says why.
func (v verifyCmd) Run(ctx context.Context, c *client.Client, std *stdio) error {
	ref, err := repos.ParseRef(v.Kube)
	if err != nil {
		return err
	}
	rel, checks, err := c.Verify(ctx, ref, v.Pre)
	if rel == nil && checks == nil {
		return err
	}
	for i := range checks {
		if next := exit.Next("kpm", checks[i].Err); next != "" {
			checks[i].Text += "; " + next
		}
	}
	answer := verified{Trusted: err == nil, Checks: checks}
	if rel != nil {
		answer.Name, answer.Version, answer.SHA256, answer.Repository = rel.Name, rel.Version, rel.SHA256, rel.Repository.Alias
		answer.Signer, answer.Commit = rel.By.Signer, rel.By.Commit
	}
	done, writing := v.structured(std, answer)
	if writing != nil {
		return writing
	}
	if !done {
		v.tell(std, answer, rel)
	}
	return err
}

func (v verifyCmd) tell(std *stdio, answer verified, rel *repos.Release) {
	if v.Output == "name" {
		if answer.Trusted {
			std.line("%s", answer.Name)
		}
		return
	}
	if v.Explain {
		var rows [][]string
		for _, f := range answer.Checks {
			rows = append(rows, []string{mark(f.OK), f.Subject, f.Text})
		}
		v.table(std, []string{"", "CHECK", "FOUND"}, rows)
	}
	if !answer.Trusted {
		return
	}
	from := ""
	if answer.Commit != "" {
		from = ", made from commit " + answer.Commit
	}
	std.line("%s %s is verified: %s%s", answer.Name, answer.Version, rel.Published(), from)
}
