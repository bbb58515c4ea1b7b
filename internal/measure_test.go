package internal

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

type tally struct{ lines, functions int }

func (s source) tally() tally {
	var n tally
	for _, f := range s.files {
		n.lines += s.fset.File(f.Package).LineCount() - 1
	}
	for range s.functions {
		n.functions++
	}
	return n
}

func (s source) measure(used map[string]bool) map[figure]int {
	got := s.measureSyntax()
	if s.built == nil {
		return got
	}
	got[figure{"cycle", s.name}] = s.cycle()
	got[figure{"advice", s.name}] = len(s.advice())
	got[figure{"parsed", s.name}] = len(s.parsed())
	names := s.exported()
	got[figure{"exported", s.name}] = len(names)
	got[figure{"unused", s.name}] = len(s.unused(names, used))
	return got
}

// measureSyntax is what can be told without types.
func (s source) measureSyntax() map[figure]int {
	got := map[figure]int{}
	for _, f := range s.files {
		at := figure{"file", s.name}
		got[at] = max(got[at], s.fset.File(f.Package).LineCount()-1)
	}
	spread := map[string]map[string]bool{}
	methods := map[string]map[string]bool{}
	for file, fn := range s.functions {
		at := figure{"function", s.name}
		got[at] = max(got[at], s.lines(fn))
		if complexity(fn) > 15 {
			got[figure{"complex", s.name}]++
		}
		if fn.Recv != nil {
			of := s.name + "." + receiver(fn)
			put(spread, of, file)
			put(methods, of, fn.Name.Name)
		}
	}
	for of, names := range methods {
		got[figure{"methods", of}] = len(names)
		got[figure{"spread", of}] = len(spread[of])
	}
	return got
}

func put(sets map[string]map[string]bool, of, name string) {
	if sets[of] == nil {
		sets[of] = map[string]bool{}
	}
	sets[of][name] = true
}

// details are the names and texts behind the figures of types.
func (s source) details(used map[string]bool) string {
	if s.built == nil {
		return "in a module of its own"
	}
	return fmt.Sprintf("unused: %v advice: %v parsed: %v", s.unused(s.exported(), used), s.advice(), s.parsed())
}

// top names the three types with the most methods.
func (s source) top(measured map[figure]int) string {
	var types []figure
	for f := range measured {
		if f.name == "methods" {
			types = append(types, f)
		}
	}
	slices.SortFunc(types, func(a, b figure) int {
		return cmp.Or(measured[b]-measured[a], strings.Compare(a.subject, b.subject))
	})
	var words []string
	for _, f := range types[:min(3, len(types))] {
		words = append(words, fmt.Sprintf("%s %d(%d)", strings.TrimPrefix(f.subject, s.name+"."), measured[f], measured[figure{"spread", f.subject}]))
	}
	return strings.Join(words, ", ")
}

// receiver is the name of the type that fn is a method of.
func receiver(fn *ast.FuncDecl) string {
	x := fn.Recv.List[0].Type
	for {
		switch t := x.(type) {
		case *ast.StarExpr:
			x = t.X
		case *ast.IndexExpr:
			x = t.X
		case *ast.IndexListExpr:
			x = t.X
		case *ast.Ident:
			return t.Name
		default:
			return "?"
		}
	}
}

// exported are the functions and types of a package that others can name;
// nobody can name those of a command.
func (s source) exported() map[string]bool {
	names := map[string]bool{}
	for _, f := range s.files {
		for _, d := range f.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				if d.Recv == nil && d.Name.IsExported() {
					names[d.Name.Name] = true
				}
			case *ast.GenDecl:
				for _, spec := range d.Specs {
					if t, ok := spec.(*ast.TypeSpec); ok && t.Name.IsExported() {
						names[t.Name.Name] = true
					}
				}
			}
		}
	}
	return names
}

// unused are the names that no other package says.
func (s source) unused(names, used map[string]bool) []string {
	var unused []string
	for name := range names {
		if !used[s.name+"."+name] {
			unused = append(unused, name)
		}
	}
	slices.Sort(unused)
	return unused
}

// usedOutside are the names, as package.Name, that a file of another package
// of this module or of one below it says, tests too. A type that is only
// returned counts as used when a used function's signature or a used struct has it.
func usedOutside(t *testing.T, all []source) map[string]bool {
	t.Helper()
	used := map[string]bool{}
	err := filepath.WalkDir("..", func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.Contains(path, "/testdata/") {
			return err
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		named(f, filepath.ToSlash(filepath.Dir(path)), used)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for grown := true; grown; {
		before := len(used)
		for _, s := range all {
			s.reachable(used)
		}
		grown = len(used) > before
	}
	return used
}

// named adds what f, a file of the folder dir, says of other packages of ours.
func named(f *ast.File, dir string, used map[string]bool) {
	imported := map[string]string{}
	for _, imp := range f.Imports {
		path, err := strconv.Unquote(imp.Path.Value)
		ours, ok := strings.CutPrefix(path, module)
		if err != nil || !ok || "../"+ours == dir {
			continue
		}
		name := path[strings.LastIndex(path, "/")+1:]
		if imp.Name != nil {
			name = imp.Name.Name
		}
		imported[name] = ours
	}
	ast.Inspect(f, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok {
			if x, ok := sel.X.(*ast.Ident); ok && imported[x.Name] != "" {
				used[imported[x.Name]+"."+sel.Sel.Name] = true
			}
		}
		return true
	})
}

// reachable adds the types that one gets by what is used: results and
// parameters of functions, fields and methods of types.
func (s source) reachable(used map[string]bool) {
	scope := s.built.Types.Scope()
	for _, name := range scope.Names() {
		if used[s.name+"."+name] {
			reach(scope.Lookup(name).Type(), used, 0)
		}
	}
}

func reach(t types.Type, used map[string]bool, depth int) {
	if depth > 8 {
		return
	}
	switch t := t.(type) {
	case *types.Named:
		if t.Obj().Pkg() == nil || !strings.HasPrefix(t.Obj().Pkg().Path(), module) {
			return
		}
		if t.Obj().Exported() {
			used[strings.TrimPrefix(t.Obj().Pkg().Path(), module)+"."+t.Obj().Name()] = true
		}
		if depth > 0 && t.Obj().Exported() {
			return // reached by its own name
		}
		for m := range t.Methods() {
			if m.Exported() {
				reach(m.Type(), used, depth+1)
			}
		}
		reach(t.Underlying(), used, depth+1)
	case *types.Alias:
		reach(types.Unalias(t), used, depth+1)
	case *types.Signature:
		reach(t.Params(), used, depth+1)
		reach(t.Results(), used, depth+1)
	case *types.Tuple:
		for v := range t.Variables() {
			reach(v.Type(), used, depth+1)
		}
	case *types.Struct:
		for f := range t.Fields() {
			if f.Exported() {
				reach(f.Type(), used, depth+1)
			}
		}
	case *types.Interface:
		for m := range t.Methods() {
			reach(m.Type(), used, depth+1)
		}
	case *types.Map:
		reach(t.Key(), used, depth+1)
		reach(t.Elem(), used, depth+1)
	case interface{ Elem() types.Type }: // pointers, slices, arrays, channels
		reach(t.Elem(), used, depth+1)
	}
}

// complexity is McCabe's: one more than the branches of a function, those of
// the functions written in it among them.
func complexity(fn *ast.FuncDecl) int {
	n := 1
	ast.Inspect(fn, func(node ast.Node) bool {
		switch node := node.(type) {
		case *ast.IfStmt, *ast.ForStmt, *ast.RangeStmt:
			n++
		case *ast.CaseClause:
			if node.List != nil {
				n++
			}
		case *ast.CommClause:
			if node.Comm != nil {
				n++
			}
		case *ast.BinaryExpr:
			if node.Op == token.LAND || node.Op == token.LOR {
				n++
			}
		}
		return true
	})
	return n
}

// cycle is the number of files in the largest group in which each file leads
// to each other by the names it uses: functions, types, variables, constants
// and methods count where they are declared.
func (s source) cycle() int {
	refers := map[string]map[string]bool{}
	for id, obj := range s.built.TypesInfo.Uses {
		if obj.Pkg() != s.built.Types || !declared(obj) {
			continue
		}
		from, to := s.fset.Position(id.Pos()).Filename, s.fset.Position(obj.Pos()).Filename
		if from != to {
			put(refers, from, to)
		}
	}
	return largestCycle(refers)
}

// declared reports whether obj is a method, or a name of its package.
func declared(obj types.Object) bool {
	if f, ok := obj.(*types.Func); ok && f.Signature().Recv() != nil {
		return true
	}
	return obj.Parent() == obj.Pkg().Scope()
}

// largestCycle is the size of the largest strongly connected component, by Tarjan's algorithm.
func largestCycle(refers map[string]map[string]bool) int {
	index, low, on := map[string]int{}, map[string]int{}, map[string]bool{}
	var stack []string
	largest := 1
	var visit func(string)
	visit = func(v string) {
		index[v] = len(index) + 1
		low[v], on[v] = index[v], true
		stack = append(stack, v)
		for w := range refers[v] {
			if index[w] == 0 {
				visit(w)
				low[v] = min(low[v], low[w])
			} else if on[w] {
				low[v] = min(low[v], index[w])
			}
		}
		if low[v] == index[v] {
			at := slices.Index(stack, v)
			largest = max(largest, len(stack)-at)
			for _, w := range stack[at:] {
				on[w] = false
			}
			stack = stack[:at]
		}
	}
	for v := range refers {
		if index[v] == 0 {
			visit(v)
		}
	}
	return largest
}
