package main

import (
	"testing"

	"github.com/kpm-sh/kpm/cmd/internal/manual"
)

// docs/commands.md is made from the grammar.
func TestManual(t *testing.T) {
	var g grammar
	parser, err := newParser(&g, &stdio{name: "kpm", getenv: func(string) string { return "" }}, func(int) {})
	if err != nil {
		t.Fatal(err)
	}
	manual.Compare(t, "commands.md", "This page is made from the program: `kpm help COMMAND` says the same. KUBE is `NAME`, `NAME@VERSION`, `REPO/NAME`, `./DIR` or `FILE.tgz`. "+
		"Every command ends with one of the [exit codes](errors.md); flags with a variable behind them are [settings](environment.md). "+
		"Called as `kubectl-kpm`, kpm is a plugin of kubectl: `kubectl kpm list`.", parser.Model, *update)
}
