package internal

import (
	"bytes"
	"encoding/json"
	"go/ast"
	"go/types"
	"maps"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestFloors reads every file of every package, also those that other systems
// than this one build, and holds what they import to the tables.
func TestFloors(t *testing.T) {
	all, err := sources()
	if err != nil {
		t.Fatal(err)
	}
	used := map[string]bool{} // allowances that somebody needs
	for _, s := range all {
		at := floor(s.name)
		if at < 0 {
			t.Errorf("%s has no floor", s.name)
			continue
		}
		if !slices.ContainsFunc(slices.Collect(maps.Values(s.files)), func(f *ast.File) bool { return f.Doc != nil }) {
			t.Errorf("%s has no package comment", s.name)
		}
		for path, file := range s.imports() {
			s.checkImport(t, file, path, at, used)
		}
	}
	for _, pair := range sideways {
		if !used[pair] {
			t.Errorf("no import needs the allowance %q", pair)
		}
	}
	for heavy := range owners {
		if !used[heavy] {
			t.Errorf("nobody imports %s", heavy)
		}
	}
}

func floor(name string) int {
	return slices.IndexFunc(floors, func(f []string) bool { return slices.Contains(f, name) })
}

// imports gives each path that a package imports, with a file that does.
func (s source) imports() map[string]string {
	all := map[string]string{}
	for file, f := range s.files {
		for _, imp := range f.Imports {
			if path, err := strconv.Unquote(imp.Path.Value); err == nil {
				all[path] = file
			}
		}
	}
	return all
}

func (s source) checkImport(t *testing.T, file, path string, at int, used map[string]bool) {
	t.Helper()
	ours, ok := strings.CutPrefix(path, module)
	if !ok {
		s.checkOwner(t, file, path, used)
		return
	}
	used[s.name+" "+ours] = true
	if slices.Contains(testOnly, ours) && !slices.Contains(testOnly, s.name) {
		t.Errorf("%s/%s imports %s, which is for tests alone", s.name, file, ours)
	}
	if slices.Contains(alone, s.name) {
		t.Errorf("%s/%s imports %s, and is to import nothing of ours", s.name, file, ours)
	}
	if f := floor(ours); f < 0 || f > at || (f == at && !slices.Contains(sideways, s.name+" "+ours)) {
		t.Errorf("%s/%s (floor %d) imports %s (floor %d)", s.name, file, at, ours, f)
	}
}

// checkOwner holds the import of a module of others to owners.
func (s source) checkOwner(t *testing.T, file, path string, used map[string]bool) {
	t.Helper()
	if first, _, _ := strings.Cut(path, "/"); !strings.Contains(first, ".") {
		return // the standard library
	}
	named := false
	for heavy, allowed := range owners {
		if !strings.HasPrefix(path, heavy) {
			continue
		}
		named, used[heavy] = true, true
		if !slices.Contains(allowed, anyone) && !within(s.name, allowed) && !slices.Contains(testOnly, s.name) {
			t.Errorf("%s/%s imports %s, which belongs to %v", s.name, file, path, allowed)
		}
	}
	if !named && !slices.Contains(testOnly, s.name) {
		t.Errorf("%s/%s imports %s, and owners does not say whose that is", s.name, file, path)
	}
}

// within tells whether a package is one of those allowed, or below a folder of them.
func within(name string, allowed []string) bool {
	return slices.ContainsFunc(allowed, func(a string) bool {
		return name == a || strings.HasSuffix(a, "/") && strings.HasPrefix(name, a)
	})
}

// TestReserved holds what packages use of the standard library to reserved and
// impure, whatever name they give it.
func TestReserved(t *testing.T) {
	all, err := sources()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range all {
		for id, obj := range s.built.TypesInfo.Uses {
			if _, ok := obj.(*types.Builtin); ok && strings.HasPrefix(obj.Name(), "print") {
				t.Errorf("%s uses %s", s.fset.Position(id.Pos()), obj.Name())
			}
		}
		rules := reserved
		if slices.Contains(pure, s.name) {
			rules = slices.Concat(reserved, impure)
		}
		for _, r := range rules {
			if within(s.name, r.allowed) || slices.Contains(testOnly, s.name) {
				continue
			}
			for file, f := range s.files {
				for _, name := range r.uses(f) {
					t.Errorf("%s/%s uses %s, which is for %v", s.name, file, name, r.allowed)
				}
			}
		}
	}
}

// uses names what of the reservation f uses.
func (r reservation) uses(f *ast.File) []string {
	var found []string
	local := "\x00" // what f calls the package
	for _, imp := range f.Imports {
		path, err := strconv.Unquote(imp.Path.Value)
		switch {
		case err != nil || path != r.path:
		case r.names == nil || imp.Name != nil && imp.Name.Name == ".":
			return []string{r.path}
		case imp.Name != nil:
			local = imp.Name.Name
		default:
			local = r.path[strings.LastIndex(r.path, "/")+1:]
		}
	}
	ast.Inspect(f, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok && slices.Contains(r.names, sel.Sel.Name) {
			if x, ok := sel.X.(*ast.Ident); ok && x.Name == local {
				found = append(found, r.path+"."+sel.Sel.Name)
			}
		}
		return true
	})
	return found
}

// TestModules wants an owner of each module that go.mod asks for, or nothing but tests that use it.
func TestModules(t *testing.T) {
	text, err := os.ReadFile("../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	all, err := sources()
	if err != nil {
		t.Fatal(err)
	}
	imported := map[string]bool{}
	for _, s := range all {
		if slices.Contains(testOnly, s.name) {
			continue
		}
		for path := range s.imports() {
			imported[path] = true
		}
	}
	for _, m := range regexp.MustCompile(`(?m)^\t(\S+) v\S+$`).FindAllStringSubmatch(string(text), -1) {
		shipped := false
		for path := range imported {
			shipped = shipped || path == m[1] || strings.HasPrefix(path, m[1]+"/")
		}
		if shipped == slices.Contains(testModules, m[1]) {
			t.Errorf("%s: what is shipped uses it: %v; testModules has it: %v", m[1], shipped, !shipped)
		}
	}
}

// TestNeverLinked asks go list for all that the binaries link.
func TestNeverLinked(t *testing.T) {
	for name, banned := range neverLinked {
		cmd := exec.Command("go", "list", "-json=Deps", "./"+name)
		cmd.Dir = ".."
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("go list: %v", err)
		}
		var p struct{ Deps []string }
		if err := json.NewDecoder(bytes.NewReader(out)).Decode(&p); err != nil || len(p.Deps) == 0 {
			t.Fatalf("%s links nothing: %v", name, err)
		}
		for _, dep := range p.Deps {
			if slices.ContainsFunc(banned, func(b string) bool { return strings.HasPrefix(dep, b) }) {
				t.Errorf("%s links %s", name, dep)
			}
		}
	}
}
