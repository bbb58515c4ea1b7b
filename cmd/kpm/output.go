package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/kpm-sh/kpm/internal/kube"
)

// output is how a command that reads shows its answer.
type output struct {
	Output    string `short:"o" variable:"KPM_OUTPUT" enum:"table,json,yaml,name" default:"table" help:"table, json, yaml or name (KPM_OUTPUT)."`
	NoHeaders bool   `help:"No headings above a table."`
}

// structured prints v as JSON or YAML if that is wanted, and reports whether it
// was. Somebody else's text in it is left as it is, unless it goes to a
// terminal.
func (o output) structured(std *stdio, v any) (bool, error) {
	if o.Output != "json" && o.Output != "yaml" {
		return false, nil
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(v); err != nil {
		return true, err
	}
	text := b.Bytes()
	if o.Output == "yaml" {
		var err error
		if text, err = asYAML(text); err != nil {
			return true, err
		}
	}
	if std.outTerminal {
		text = []byte(kube.Clean(string(text), true))
	}
	_, err := std.out.Write(text)
	return true, err
}

// table prints rows under a heading, in columns of their own width.
func (o output) table(std *stdio, heading []string, rows [][]string) {
	if !o.NoHeaders {
		rows = append([][]string{heading}, rows...)
	}
	widths := make([]int, len(heading))
	for _, row := range rows {
		for i := range row {
			row[i] = kube.Clean(row[i], false)
			widths[i] = max(widths[i], utf8.RuneCountInString(row[i]))
		}
	}
	var all strings.Builder // written at once: a list may be long
	for _, row := range rows {
		var line strings.Builder
		for i, cell := range row {
			fmt.Fprintf(&line, "%-*s  ", widths[i], cell)
		}
		fmt.Fprintln(&all, strings.TrimRight(line.String(), " "))
	}
	fmt.Fprint(std.out, all.String())
}
