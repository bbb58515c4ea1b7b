package internal

import (
	"cmp"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"path"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// typed is what one types: a flag, or a command of ours, as the grammar has them.
var typed = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(^|[\s(;,\x60])--[a-z]|\bkpm (` + strings.Join(commands(), "|") + `)\b|\bkpm-indexer [a-z]`)
})

// commands are the words of kpm's commands, with their other names.
func commands() []string {
	f, err := parser.ParseFile(token.NewFileSet(), "../cmd/kpm/grammar.go", nil, 0)
	if err != nil {
		panic(err)
	}
	var words []string
	ast.Inspect(f, func(n ast.Node) bool {
		field, ok := n.(*ast.Field)
		if !ok || field.Tag == nil || len(field.Names) == 0 {
			return true
		}
		tag := reflect.StructTag(strings.Trim(field.Tag.Value, "`"))
		if _, ok := tag.Lookup("cmd"); !ok || strings.HasPrefix(tag.Get("name"), "__") {
			return true
		}
		words = append(words, cmp.Or(tag.Get("name"), strings.ToLower(field.Names[0].Name)))
		words = append(words, strings.FieldsFunc(tag.Get("aliases"), func(r rune) bool { return r == ',' })...)
		return true
	})
	return words
}

// TestCommandsAreTyped: the words come from where the commands are.
func TestCommandsAreTyped(t *testing.T) {
	for _, text := range []string{"see kpm completion", "`kpm create`", "kpm env", "kpm help", "run kpm version", "kpm ls", "take --set", "kpm-indexer build"} {
		if !typed().MatchString(text) {
			t.Errorf("%q is nothing that one types", text)
		}
	}
	for _, text := range []string{"kpm add", "kpm import", "kpm __complete", "kpm finds nothing", "a-- b"} {
		if typed().MatchString(text) {
			t.Errorf("%q is something that one types", text)
		}
	}
}

// advice gives where a library has a text that names a flag or a command. Who
// runs git, a hook or the like passes flags, which end a text or stand alone.
func (s source) advice() []string {
	var found []string
	if strings.HasPrefix(s.name, "cmd/") || slices.Contains(testOnly, s.name) || s.name == "site" { // pages show what to type
		return nil
	}
	for _, f := range s.files {
		tags := structTags(f)
		ast.Inspect(f, func(n ast.Node) bool {
			lit, ok := n.(*ast.BasicLit)
			if !ok || lit.Kind != token.STRING || tags[lit] {
				return true
			}
			if text, err := strconv.Unquote(lit.Value); err == nil && typed().MatchString(text) {
				found = append(found, s.at(lit))
			}
			return true
		})
	}
	return found
}

func structTags(f *ast.File) map[*ast.BasicLit]bool {
	tags := map[*ast.BasicLit]bool{}
	ast.Inspect(f, func(n ast.Node) bool {
		if field, ok := n.(*ast.Field); ok && field.Tag != nil {
			tags[field.Tag] = true
		}
		return true
	})
	return tags
}

func (s source) at(n ast.Node) string {
	p := s.fset.Position(n.Pos())
	return path.Base(p.Filename) + ":" + strconv.Itoa(p.Line)
}

// parsed gives where the text of an error is handed to strings, or matched or compared.
func (s source) parsed() []string {
	var found []string
	kept, readers := s.errorTexts(), s.readers()
	is := func(x ast.Expr) bool {
		id, ok := x.(*ast.Ident)
		return isErrorText(x) || ok && kept[s.built.TypesInfo.Uses[id]]
	}
	for _, f := range s.files {
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr:
				own, ok := n.Fun.(*ast.Ident)
				if (reads(n.Fun) || ok && readers[s.built.TypesInfo.Uses[own]]) && slices.ContainsFunc(n.Args, is) {
					found = append(found, s.at(n))
				}
			case *ast.BinaryExpr:
				if (n.Op == token.EQL || n.Op == token.NEQ) && (is(n.X) || is(n.Y)) {
					found = append(found, s.at(n))
				}
			}
			return true
		})
	}
	return found
}

// errorTexts are the variables that the text of an error is assigned to.
func (s source) errorTexts() map[types.Object]bool {
	texts := map[types.Object]bool{}
	for _, f := range s.files {
		ast.Inspect(f, func(n ast.Node) bool {
			if a, ok := n.(*ast.AssignStmt); ok && len(a.Lhs) == len(a.Rhs) {
				for i, x := range a.Lhs {
					if id, ok := x.(*ast.Ident); ok && isErrorText(a.Rhs[i]) {
						if obj := s.built.TypesInfo.ObjectOf(id); obj != nil {
							texts[obj] = true
						}
					}
				}
			}
			return true
		})
	}
	return texts
}

// readers are the functions of the package that search or cut a text which they are given.
func (s source) readers() map[types.Object]bool {
	found := map[types.Object]bool{}
	for _, fn := range s.functions {
		given := map[types.Object]bool{}
		for _, field := range fn.Type.Params.List {
			for _, name := range field.Names {
				given[s.built.TypesInfo.Defs[name]] = true
			}
		}
		delete(given, nil)
		ast.Inspect(fn, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if ok && reads(call.Fun) && slices.ContainsFunc(call.Args, func(x ast.Expr) bool {
				id, ok := x.(*ast.Ident)
				return ok && given[s.built.TypesInfo.Uses[id]]
			}) {
				found[s.built.TypesInfo.Defs[fn.Name]] = true
			}
			return true
		})
	}
	return found
}

// reads tells whether a call searches or cuts a text: one of strings, or of a regular expression.
func reads(fun ast.Expr) bool {
	sel, ok := fun.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	x, ok := sel.X.(*ast.Ident)
	return ok && x.Name == "strings" || strings.HasPrefix(sel.Sel.Name, "FindString") || sel.Sel.Name == "MatchString"
}

// isErrorText tells whether x is the call of an error's method Error.
func isErrorText(x ast.Expr) bool {
	call, ok := x.(*ast.CallExpr)
	if !ok || len(call.Args) > 0 {
		return false
	}
	sel, ok := call.Fun.(*ast.SelectorExpr)
	return ok && sel.Sel.Name == "Error"
}
