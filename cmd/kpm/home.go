package main

import (
	"cmp"
	"context"
	"net/url"
	"os/exec"

	"github.com/kpm-sh/kpm/client"
	"github.com/kpm-sh/kpm/client/repos"
	"github.com/kpm-sh/kpm/internal/pagelist"
)

type homeCmd struct {
	Kube  string `arg:"" help:"NAME or REPO/NAME."`
	Print bool   `help:"Print the address and open nothing."`
}

// Run opens the page of a Kube in its repository, or its home where that has no web
// site. Where nobody sees it, or nothing opens it, its address is printed.
func (h homeCmd) Run(ctx context.Context, c *client.Client, std *stdio) error {
	ref, err := repos.ParseRef(h.Kube)
	if err != nil {
		return err
	}
	if ref.Path != "" || ref.Version != "" {
		return usage("%q: home is for NAME and REPO/NAME", h.Kube)
	}
	repo, line, err := c.Repos.Find(ctx, ref)
	if err != nil {
		return err
	}
	head, err := repo.Head()
	if err != nil {
		return err
	}
	address := cmp.Or(pagelist.Address(head, repo.Sources[0], line.Name), line.Home)
	if address == "" {
		return &repos.NotFoundError{What: "home of " + line.Name}
	}
	if h.Print || !std.outTerminal || !openPage(ctx, std, address) {
		std.line("%s", address)
	}
	return nil
}

// openPage opens an address as the user's desktop does, and reports whether it did.
// A publisher or an author wrote the address: only one of the web is handed on, as
// one argument, to no shell.
func openPage(ctx context.Context, std *stdio, address string) bool {
	u, err := url.Parse(address)
	if err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" {
		return false
	}
	argv := opener(std.getenv)
	if argv == nil {
		return false
	}
	return exec.CommandContext(ctx, argv[0], append(argv[1:], u.String())...).Run() == nil
}
