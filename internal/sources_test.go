package internal

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"golang.org/x/tools/go/packages"
)

// source is a package as it is read for its figures: all its files for what
// syntax tells, and the types of those that Linux builds.
type source struct {
	name  string
	fset  *token.FileSet
	files map[string]*ast.File // by base name, tests left out
	built *packages.Package    // nil in a module of its own
}

// sources loads every package of the module once.
var sources = sync.OnceValues(func() ([]source, error) {
	conf := &packages.Config{
		Mode:       packages.NeedName | packages.NeedFiles | packages.NeedCompiledGoFiles | packages.NeedSyntax | packages.NeedTypes | packages.NeedTypesInfo | packages.NeedImports,
		Dir:        "..",
		Env:        append(os.Environ(), "GOOS=linux", "CGO_ENABLED=0"),
		Fset:       token.NewFileSet(),
		BuildFlags: []string{"-trimpath"}, // as make compiles them
	}
	loaded, err := packages.Load(conf, "./...")
	if err != nil {
		return nil, err
	}
	var all []source
	for _, p := range loaded {
		if len(p.Errors) > 0 {
			return nil, fmt.Errorf("loading %s: %w", p.PkgPath, p.Errors[0])
		}
		s := source{name: strings.TrimPrefix(p.PkgPath, module), fset: conf.Fset, files: map[string]*ast.File{}, built: p}
		if err := s.read(); err != nil {
			return nil, err
		}
		if len(s.files) > 0 {
			all = append(all, s)
		}
	}
	return all, nil
})

// read takes the files that Linux builds as they are loaded, and parses those of other systems.
func (s *source) read() error {
	for _, f := range s.built.Syntax {
		s.files[filepath.Base(s.fset.Position(f.Package).Filename)] = f
	}
	for _, path := range s.built.IgnoredFiles {
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(s.fset, path, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		s.files[filepath.Base(path)] = f
	}
	return nil
}

// otherModules are the packages of the modules below this one, whose types would take
// those of a whole Kubernetes.
func otherModules() ([]source, error) {
	fset, found := token.NewFileSet(), map[string]source{}
	for _, dir := range []string{"bench", "e2e"} {
		err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			name := "internal/" + filepath.ToSlash(filepath.Dir(path))
			if found[name].files == nil {
				found[name] = source{name: name, fset: fset, files: map[string]*ast.File{}}
			}
			found[name].files[filepath.Base(path)], err = parser.ParseFile(fset, path, nil, parser.ParseComments|parser.SkipObjectResolution)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return slices.SortedFunc(maps.Values(found), func(a, b source) int { return strings.Compare(a.name, b.name) }), nil
}

func (s source) lines(n ast.Node) int {
	return s.fset.Position(n.End()).Line - s.fset.Position(n.Pos()).Line + 1
}

func (s source) functions(yield func(file string, f *ast.FuncDecl) bool) {
	for file, f := range s.files {
		for _, d := range f.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && !yield(file, fn) {
				return
			}
		}
	}
}
