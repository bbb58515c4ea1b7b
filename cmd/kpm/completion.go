package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/kpm-sh/kpm/client"
	"github.com/kpm-sh/kpm/internal/kube"
)

type completionCmd struct {
	Shell string `arg:"" enum:"bash,zsh,fish" help:"bash, zsh or fish."`
}

// Run prints a script that asks this program for each completion.
func (c completionCmd) Run(std *stdio) error {
	scripts := map[string]string{"bash": bashCompletion, "zsh": zshCompletion, "fish": fishCompletion}
	_, err := fmt.Fprint(std.out, scripts[c.Shell])
	return err
}

const bashCompletion = `# kpm completion for bash; type: source <(kpm completion bash)
_kpm() {
	local IFS=$'\n'
	COMPREPLY=($(kpm __complete -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o default -F _kpm kpm
`

const zshCompletion = `#compdef kpm
# kpm completion for zsh; type: source <(kpm completion zsh)
_kpm() {
	local -a answers
	answers=("${(@f)$(kpm __complete -- "${(@)words[2,CURRENT]}" 2>/dev/null)}")
	compadd -- $answers
}
compdef _kpm kpm
`

const fishCompletion = `# kpm completion for fish; type: kpm completion fish | source
complete -c kpm -f -a '(kpm __complete -- (commandline -opc)[2..-1] (commandline -ct) 2>/dev/null)'
`

// completeCmd answers the scripts: it prints what the last of the words may
// become, one a line.
type completeCmd struct {
	Words []string `arg:"" optional:""`
}

// maxCompletions is how many names are offered at most.
const maxCompletions = 200

// Run prints commands and flags by the grammar, and names of Kubes and
// repositories from the catalogs, offline. What cannot be read offers nothing.
func (c completeCmd) Run(ctx context.Context, k *kong.Kong, cl *client.Client, std *stdio) error {
	words := c.Words
	if len(words) == 0 {
		words = []string{""}
	}
	last := words[len(words)-1]
	node := k.Model.Node
	for _, w := range words[:len(words)-1] {
		if child := childOf(node, w); child != nil {
			node = child
		}
	}
	for _, offer := range offers(ctx, cl, node, last) {
		if !strings.HasPrefix(offer, last) {
			continue
		}
		if _, err := fmt.Fprintln(std.out, kube.Clean(offer, false)); err != nil {
			return err
		}
	}
	return nil
}

func childOf(n *kong.Node, word string) *kong.Node {
	for _, child := range n.Children {
		if child.Name == word {
			return child
		}
		if slices.Contains(child.Aliases, word) {
			return child
		}
	}
	return nil
}

func offers(ctx context.Context, cl *client.Client, n *kong.Node, last string) []string {
	var list []string
	if strings.HasPrefix(last, "-") {
		for _, group := range n.AllFlags(true) {
			for _, f := range group {
				list = append(list, "--"+f.Name)
			}
		}
		return list
	}
	for _, child := range n.Children {
		if !child.Hidden {
			list = append(list, child.Name)
		}
	}
	switch n.Name {
	case "info", "get", "search", "install", "edit", "template", "deps", "upgrade", "diff", "status", "history", "rollback", "uninstall":
		names, err := cl.Repos.Names(ctx, last, maxCompletions)
		if err == nil {
			list = append(list, names...)
		}
	case "update", "remove", "show":
		repos, err := cl.Repos.ConfigFile().Repositories()
		for _, r := range repos {
			if err == nil {
				list = append(list, r.Alias)
			}
		}
	}
	return list
}
