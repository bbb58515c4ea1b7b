// Package manual writes the reference of a program's commands from its grammar, for
// docs/. Only tests use it: they keep the page and the grammar the same.
package manual

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

// Compare holds the page below docs/ to the grammar of app, or, with update, writes
// it. Intro is what stands below its heading.
func Compare(t *testing.T, page, intro string, app *kong.Application, update bool) {
	t.Helper()
	file := "../../docs/" + page
	want := text(intro, app)
	if update {
		if err := os.WriteFile(file, []byte(want), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := os.ReadFile(file); err != nil || string(got) != want {
		t.Errorf("docs/%s is not what the grammar says (%v): go test ./cmd/%s -run TestManual -update", page, err, app.Name)
	}
}

// text is the page: the flags of all commands, then each command with its own.
func text(intro string, app *kong.Application) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# Commands of %s\n\n%s\n", app.Name, intro)
	fmt.Fprintf(&b, "\n## Flags of every command\n")
	flags(&b, app.Flags)
	for _, n := range app.Leaves(true) {
		command(&b, n)
	}
	return b.String()
}

func command(b *strings.Builder, n *kong.Node) {
	fmt.Fprintf(b, "\n## %s\n\n%s", path(n), n.Help)
	if len(n.Aliases) > 0 {
		fmt.Fprintf(b, " Also called %s.", inCode(n.Aliases))
	}
	fmt.Fprintf(b, "\n\n    %s\n", usage(n))
	if n.Detail != "" {
		fmt.Fprintf(b, "\n%s\n", n.Detail)
	}
	if len(n.Positional) > 0 {
		fmt.Fprint(b, "\n| argument | is |\n|---|---|\n")
		for _, arg := range n.Positional {
			fmt.Fprintf(b, "| `%s` | %s |\n", strings.ToUpper(arg.Name), inCell(arg.Help))
		}
	}
	flags(b, n.Flags)
}

// path is the command as it is typed, without its other names.
func path(n *kong.Node) string {
	if n.Parent == nil {
		return n.Name
	}
	return path(n.Parent) + " " + n.Name
}

// usage is what is typed: the path of the command and its arguments.
func usage(n *kong.Node) string {
	words := []string{path(n)}
	for _, arg := range n.Positional {
		word := strings.ToUpper(arg.Name)
		if arg.IsCumulative() {
			word += "…"
		}
		if !arg.Required {
			word = "[" + word + "]"
		}
		words = append(words, word)
	}
	return strings.Join(words, " ")
}

func flags(b *strings.Builder, list []*kong.Flag) {
	headed := false
	for _, f := range list {
		if f.Hidden {
			continue
		}
		if !headed {
			headed = true
			fmt.Fprint(b, "\n| flag | does |\n|---|---|\n")
		}
		name := "--" + f.Name
		if f.Negated {
			name = "--no-" + f.Name
		}
		if !f.IsBool() {
			name += "=" + strings.Trim(f.FormatPlaceHolder(), `"`)
		}
		if f.Short != 0 {
			name = fmt.Sprintf("-%c, %s", f.Short, name)
		}
		fmt.Fprintf(b, "| `%s` | %s |\n", inCell(name), inCell(f.Help))
	}
}

func inCode(words []string) string {
	return "`" + strings.Join(words, "`, `") + "`"
}

// inCell is a text in a cell of a table, where a bar would end it.
func inCell(s string) string {
	return strings.NewReplacer("|", `\|`, "<", `\<`, "\n", " ").Replace(s)
}
