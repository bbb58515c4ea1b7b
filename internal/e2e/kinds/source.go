package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
)

// removal is what became of a kind.
type removal struct {
	minor   int    // the first without it
	instead string // its apiVersion since; "" for none
}

// lifecycles adds when the kinds of a module go, as their generated methods say.
func (t *table) lifecycles(dir string) error {
	return filepath.WalkDir(dir, func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.Name() != "zz_generated.prerelease-lifecycle.go" {
			return err
		}
		tree, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		at, err := apiVersion(filepath.Dir(file))
		if err != nil {
			return err
		}
		removed, instead := map[string]int{}, map[string]string{}
		for _, decl := range tree.Decls {
			f, ok := decl.(*ast.FuncDecl)
			if !ok || f.Recv == nil {
				continue
			}
			kind := f.Recv.List[0].Type.(*ast.StarExpr).X.(*ast.Ident).Name
			results := f.Body.List[0].(*ast.ReturnStmt).Results
			switch f.Name.Name {
			case "APILifecycleRemoved":
				removed[kind] = number(results[1])
			case "APILifecycleReplacement":
				instead[kind] = groupVersion(results[0].(*ast.CompositeLit))
			}
		}
		for kind, minor := range removed {
			if !strings.HasSuffix(kind, "List") {
				t.removed[at+" "+kind] = removal{minor, instead[kind]}
			}
		}
		return nil
	})
}

func number(e ast.Expr) int {
	n, _ := strconv.Atoi(e.(*ast.BasicLit).Value) //nolint:errcheck // it is a number
	return n
}

func word(e ast.Expr) string {
	s, _ := strconv.Unquote(e.(*ast.BasicLit).Value) //nolint:errcheck // it is a text
	return s
}

func groupVersion(lit *ast.CompositeLit) string {
	var k gvk
	for _, e := range lit.Elts {
		pair := e.(*ast.KeyValueExpr)
		switch pair.Key.(*ast.Ident).Name {
		case "Group":
			k.Group = word(pair.Value)
		case "Version":
			k.Version = word(pair.Value)
		}
	}
	return k.apiVersion()
}

// apiVersion is that of a package of API types: its doc.go or register.go names the group.
func apiVersion(dir string) (string, error) {
	version := filepath.Base(dir)
	text, err := os.ReadFile(filepath.Join(dir, "register.go"))
	if err != nil {
		return "", err
	}
	_, rest, ok := strings.Cut(string(text), "GroupName = \"")
	group, _, _ := strings.Cut(rest, "\"")
	if !ok { // const GroupName = other.GroupName
		group = strings.TrimSuffix(filepath.Base(filepath.Dir(dir)), ".k8s.io") + ".k8s.io"
	}
	return gvk{Group: group, Version: version}.apiVersion(), nil
}

// enums are the enumerations of a version of k8s.io/api.
type enums struct {
	of    map[string]string   // the enumeration of a field, core.v1.PodSpec.restartPolicy
	words map[string][]string // of each enumeration
}

func readEnums(dir string) (enums, error) {
	all := enums{map[string]string{}, map[string][]string{}}
	var files []*ast.File
	var packages []string
	err := filepath.WalkDir(dir, func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasPrefix(d.Name(), "types") || !strings.HasSuffix(d.Name(), ".go") {
			return err
		}
		tree, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(dir, filepath.Dir(file))
		files, packages = append(files, tree), append(packages, strings.ReplaceAll(filepath.ToSlash(rel), "/", "."))
		return err
	})
	for i, f := range files {
		all.declared(f, packages[i])
	}
	for i, f := range files {
		all.constants(f, packages[i])
	}
	for i, f := range files {
		all.fields(f, packages[i])
	}
	return all, err
}

func (e enums) declared(f *ast.File, pkg string) {
	for _, decl := range f.Decls {
		g, ok := decl.(*ast.GenDecl)
		if !ok || g.Tok != token.TYPE || !strings.Contains(g.Doc.Text()+raw(g.Doc), "+enum") {
			continue
		}
		for _, spec := range g.Specs {
			e.words[pkg+"."+spec.(*ast.TypeSpec).Name.Name] = []string{}
		}
	}
}

// raw is a comment with its tags, which Text leaves out.
func raw(c *ast.CommentGroup) string {
	var b strings.Builder
	if c != nil {
		for _, line := range c.List {
			b.WriteString(line.Text + "\n")
		}
	}
	return b.String()
}

func (e enums) constants(f *ast.File, pkg string) {
	for _, decl := range f.Decls {
		g, ok := decl.(*ast.GenDecl)
		if !ok || g.Tok != token.CONST {
			continue
		}
		for _, spec := range g.Specs {
			v := spec.(*ast.ValueSpec)
			id, ok := v.Type.(*ast.Ident)
			if !ok || e.words[pkg+"."+id.Name] == nil {
				continue
			}
			for _, value := range v.Values {
				if lit, ok := value.(*ast.BasicLit); ok && lit.Kind == token.STRING && word(lit) != "" {
					e.words[pkg+"."+id.Name] = append(e.words[pkg+"."+id.Name], word(lit))
				}
			}
		}
	}
}

func (e enums) fields(f *ast.File, pkg string) {
	imported := map[string]string{}
	for _, imp := range f.Imports {
		at := word(imp.Path)
		name := path.Base(at)
		if imp.Name != nil {
			name = imp.Name.Name
		}
		if rest, ok := strings.CutPrefix(at, "k8s.io/api/"); ok {
			imported[name] = strings.ReplaceAll(rest, "/", ".")
		}
	}
	ast.Inspect(f, func(n ast.Node) bool {
		spec, ok := n.(*ast.TypeSpec)
		if !ok {
			return true
		}
		s, ok := spec.Type.(*ast.StructType)
		if !ok {
			return false
		}
		for _, fl := range s.Fields.List {
			if fl.Tag == nil {
				continue
			}
			key, _, _ := strings.Cut(reflect.StructTag(word(fl.Tag)).Get("json"), ",")
			if name := e.enumOf(fl.Type, pkg, imported); key != "" && name != "" {
				e.of[pkg+"."+spec.Name.Name+"."+key] = name
			}
		}
		return false
	})
}

// enumOf is the enumeration that a type is, or that its items are.
func (e enums) enumOf(t ast.Expr, pkg string, imported map[string]string) string {
	name := ""
	switch t := t.(type) {
	case *ast.StarExpr:
		return e.enumOf(t.X, pkg, imported)
	case *ast.ArrayType:
		return e.enumOf(t.Elt, pkg, imported)
	case *ast.Ident:
		name = pkg + "." + t.Name
	case *ast.SelectorExpr:
		name = imported[t.X.(*ast.Ident).Name] + "." + t.Sel.Name
	}
	if len(e.words[name]) == 0 {
		return ""
	}
	return name
}
