package internal

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// farthest are the most files and returns that each walk of docs/architecture.md
// may have; a return is a line that is there before.
var farthest = map[string][2]int{
	"kpm-indexer build": {25, 8},
	"kpm install NAME":  {40, 15},
	"kpm update":        {25, 8},
}

var walkLine = regexp.MustCompile("^[0-9]+\\. `([^ `]+) ([^ `]+)`")

// TestWalks follows the walks: each function that a line names is in its file,
// and is used by that of the line before it, unless a reader returns to it.
func TestWalks(t *testing.T) {
	text, err := os.ReadFile("../docs/architecture.md")
	if err != nil {
		t.Fatal(err)
	}
	walks := 0
	for part := range strings.SplitSeq(string(text), "\n## ") {
		title, body, _ := strings.Cut(part, "\n")
		name, ok := strings.CutPrefix(title, "Walk: ")
		if !ok {
			continue
		}
		walks++
		t.Run(name, func(t *testing.T) { followWalk(t, body, farthest[name]) })
	}
	if walks == 0 {
		t.Error("there is no walk")
	}
}

func followWalk(t *testing.T, text string, most [2]int) {
	var before ast.Node
	var steps, files []string
	returns := 0
	for line := range strings.Lines(text) {
		m := walkLine.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		path, name := m[1], m[2]
		f := function(t, "../"+path, name)
		if f == nil {
			t.Fatalf("%s has no %s", path, name)
		}
		short := name[strings.LastIndex(name, ".")+1:]
		switch {
		case slices.Contains(steps, path+" "+name):
			returns++
		case before != nil && !mentions(before, short):
			t.Errorf("%s does not use %s of %s", steps[len(steps)-1], name, path)
		}
		if !slices.Contains(files, path) {
			files = append(files, path)
		}
		steps, before = append(steps, path+" "+name), f
	}
	t.Logf("%d steps, %d files, %d returns", len(steps), len(files), returns)
	if len(steps) == 0 || most[0] > 0 && (len(files) > most[0] || returns > most[1]) {
		t.Errorf("%d steps, %d files and %d returns; at most %d files and %d returns are allowed", len(steps), len(files), returns, most[0], most[1])
	}
}

// function finds NAME or TYPE.NAME in a file.
func function(t *testing.T, path, name string) ast.Node {
	f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range f.Decls {
		fn, ok := d.(*ast.FuncDecl)
		if !ok {
			continue
		}
		full := fn.Name.Name
		if fn.Recv != nil {
			of := fn.Recv.List[0].Type
			if star, ok := of.(*ast.StarExpr); ok {
				of = star.X
			}
			if id, ok := of.(*ast.Ident); ok {
				full = id.Name + "." + full
			}
		}
		if full == name {
			return fn
		}
	}
	return nil
}

func mentions(n ast.Node, name string) bool {
	found := false
	ast.Inspect(n, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		found = found || ok && id.Name == name
		return !found
	})
	return found
}
