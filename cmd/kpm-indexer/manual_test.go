package main

import (
	"flag"
	"testing"

	"github.com/kpm-sh/kpm/cmd/internal/manual"
)

var update = flag.Bool("update", false, "write the page of the commands anew")

// docs/indexer-commands.md is made from the grammar.
func TestManual(t *testing.T) {
	var g grammar
	parser, err := newParser(&g, stdio{getenv: func(string) string { return "" }}, func(int) {})
	if err != nil {
		t.Fatal(err)
	}
	manual.Compare(t, "indexer-commands.md", "This page is made from the program: `kpm-indexer help COMMAND` says the same. The program runs in CI, and on the desk of who holds the keys of a repository; "+
		"it asks nothing, and every command ends with one of the [exit codes](errors.md).", parser.Model, *update)
}
