package internal

import (
	"go/ast"
	"go/token"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// typed is what one types: a flag, or a command of ours.
var typed = regexp.MustCompile(`(^|[\s(;,\x60])--[a-z]|\bkpm (add|deps|diff|doctor|edit|get|history|home|images|import|info|install|list|lint|mirror|outdated|package|repo|rollback|search|status|template|test|uninstall|update|upgrade|verify)\b|\bkpm-indexer [a-z]`)

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
			if text, err := strconv.Unquote(lit.Value); err == nil && typed.MatchString(text) {
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
	for _, f := range s.files {
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr:
				if reads(n.Fun) && slices.ContainsFunc(n.Args, isErrorText) {
					found = append(found, s.at(n))
				}
			case *ast.BinaryExpr:
				if (n.Op == token.EQL || n.Op == token.NEQ) && (isErrorText(n.X) || isErrorText(n.Y)) {
					found = append(found, s.at(n))
				}
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
