package internal

import (
	"go/ast"
	"go/types"
	"os"
	"path"
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
	walks := map[string]string{}
	for part := range strings.SplitSeq(string(text), "\n## ") {
		title, body, _ := strings.Cut(part, "\n")
		if name, ok := strings.CutPrefix(title, "Walk: "); ok {
			walks[name] = body
			if _, ok := farthest[name]; !ok {
				t.Errorf("the walk %q has no limit", name)
			}
		}
	}
	for name, most := range farthest {
		t.Run(name, func(t *testing.T) { followWalk(t, walks[name], most) })
	}
}

func followWalk(t *testing.T, text string, most [2]int) {
	all, err := sources()
	if err != nil {
		t.Fatal(err)
	}
	var before stop
	var steps, files []string
	returns := 0
	for line := range strings.Lines(text) {
		m := walkLine.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		file, name := m[1], m[2]
		now, ok := find(all, file, name)
		if !ok {
			t.Fatalf("%s has no %s", file, name)
		}
		switch {
		case slices.Contains(steps, file+" "+name):
			returns++
		case before.decl != nil && !before.uses(now):
			t.Errorf("%s does not use %s of %s", steps[len(steps)-1], name, file)
		}
		if !slices.Contains(files, file) {
			files = append(files, file)
		}
		steps, before = append(steps, file+" "+name), now
	}
	t.Logf("%d steps, %d files, %d returns", len(steps), len(files), returns)
	if len(steps) == 0 || len(files) > most[0] || returns > most[1] {
		t.Errorf("%d steps, %d files and %d returns; at most %d files and %d returns are allowed", len(steps), len(files), returns, most[0], most[1])
	}
}

// stop is a function on a walk.
type stop struct {
	name string // with its package and receiver
	decl *ast.FuncDecl
	info *types.Info
}

// find finds NAME or TYPE.NAME in a file.
func find(all []source, file, name string) (stop, bool) {
	for _, s := range all {
		if s.name != path.Dir(file) || s.files[path.Base(file)] == nil {
			continue
		}
		for _, d := range s.files[path.Base(file)].Decls {
			decl, ok := d.(*ast.FuncDecl)
			if !ok {
				continue
			}
			f, ok := s.built.TypesInfo.Defs[decl.Name].(*types.Func)
			if ok && ofType(f)+f.Name() == name {
				return stop{f.FullName(), decl, s.built.TypesInfo}, true
			}
		}
	}
	return stop{}, false
}

// ofType is the name of the type whose method f is, and a dot.
func ofType(f *types.Func) string {
	recv := f.Signature().Recv()
	if recv == nil {
		return ""
	}
	of := recv.Type()
	if p, ok := of.(*types.Pointer); ok {
		of = p.Elem()
	}
	return of.(*types.Named).Obj().Name() + "."
}

// uses tells whether the body of a function names another one: that one, and none of
// another type or package that is called the same.
func (s stop) uses(other stop) bool {
	found := false
	ast.Inspect(s.decl, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			f, ok := s.info.Uses[id].(*types.Func)
			found = found || ok && f.Origin().FullName() == other.name
		}
		return !found
	})
	return found
}
