// Package internal keeps the house in order: which package may import which.
package internal

import (
	"bytes"
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/kpm-sh/kpm/"

// floors lists the packages of the module by height. Imports run downward.
var floors = [][]string{
	{"internal/errcode", "internal/yamlnode", "internal/kube", "internal/index", "docs"},
	{
		"search", "signing", "signing/signer", "internal/trust", "internal/fetch", "internal/lint", "internal/manifest", "internal/jinja", "internal/jinja/expr", "internal/jinja/token", "internal/python", "internal/python/letters", "internal/python/num", "internal/python/str", "internal/python/operator", "internal/python/methods", "internal/render", "internal/schema",
		"internal/hook", "internal/cluster", "internal/merge",
		"internal/sharedtest", "internal/atomicfile", "internal/home", "internal/ballast", "internal/inputfile", "internal/outstream",
		"internal/cluster/clustertest",
	},
	{"client/solve", "client/workcopy"},
	{"client", "internal/sitetest", "indexer", "site"},
	{"cmd/internal/exit"},
	{"cmd/kpm", "cmd/kpm-indexer", "internal/bench"},
}

// sideways are the imports allowed within a floor.
var sideways = []string{
	"internal/kube internal/yamlnode",
	"internal/index internal/kube",
	"internal/trust signing",
	"signing/signer signing",
	"internal/lint internal/manifest",
	"internal/lint internal/render",
	"internal/render internal/jinja",
	"internal/render internal/jinja/expr",
	"internal/render internal/jinja/token",
	"internal/jinja internal/jinja/expr",
	"internal/jinja internal/jinja/token",
	"internal/jinja/expr internal/jinja/token",
	"internal/render internal/python",
	"internal/render internal/python/letters",
	"internal/render internal/python/num",
	"internal/render internal/python/str",
	"internal/render internal/python/operator",
	"internal/render internal/python/methods",
	"internal/python/num internal/python",
	"internal/python/str internal/python",
	"internal/python/operator internal/python",
	"internal/python/methods internal/python",
	"internal/python/num internal/python/letters",
	"internal/python/str internal/python/letters",
	"internal/python/str internal/python/num",
	"internal/python/operator internal/python/num",
	"internal/python/operator internal/python/str",
	"internal/python/methods internal/python/letters",
	"internal/python/methods internal/python/num",
	"internal/python/methods internal/python/operator",
	"internal/python/methods internal/python/str",
	"internal/render internal/schema",
	"internal/cluster internal/manifest",
	"search internal/atomicfile",
	"internal/hook internal/atomicfile",
	"internal/home internal/atomicfile",
	"internal/home internal/hook",
}

// owners are the packages that alone may import a heavy dependency.
var owners = map[string][]string{
	"github.com/sigstore/":               {"signing", "signing/signer"},
	"github.com/blevesearch/bleve":       {"search"},
	"github.com/blevesearch/segment":     {"site"},
	"github.com/flosch/pongo2":           {"site"},
	"github.com/yuin/goldmark":           {"site"},
	"github.com/microcosm-cc/bluemonday": {"site"},
	"github.com/alecthomas/chroma":       {"site"},
	"github.com/gorilla/feeds":           {"site"},
	"github.com/alecthomas/kong":         {"cmd/kpm", "cmd/kpm-indexer"},
	"sigs.k8s.io/kustomize/":             {"internal/merge"},
	"github.com/santhosh-tekuri":         {"internal/schema"},
}

// neverLinked are the dependencies that a binary must not link at all.
var neverLinked = map[string][]string{
	"cmd/kpm-indexer": {"github.com/blevesearch/bleve", "k8s.io/client-go"},
	"cmd/kpm":         {module + "signing/signer", "github.com/sigstore/sigstore-go/pkg/sign", "github.com/pkg/browser", "github.com/spf13/cobra", "github.com/jedisct1/go-minisign"},
}

// testOnly are the packages that only tests import.
var testOnly = []string{"internal/sharedtest", "internal/cluster/clustertest", "internal/sitetest"}

// processOnly are the names that only cmd may use: a package is handed its
// arguments, environment and streams.
var processOnly = map[string][]string{"os": {"Args", "Getenv", "LookupEnv", "Environ", "Stdin", "Stdout", "Stderr", "Exit"}}

type pkg struct {
	ImportPath string
	Name       string
	Dir        string
	Doc        string
	GoFiles    []string
	Imports    []string
	Deps       []string
}

func (p pkg) name() string { return strings.TrimPrefix(p.ImportPath, module) }

func list(t *testing.T) []pkg {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Name,Dir,Doc,GoFiles,Imports,Deps", "./...")
	cmd.Dir = ".."
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var pkgs []pkg
	for dec := json.NewDecoder(bytes.NewReader(out)); dec.More(); {
		var p pkg
		if err := dec.Decode(&p); err != nil {
			t.Fatal(err)
		}
		if len(p.GoFiles) > 0 {
			pkgs = append(pkgs, p)
		}
	}
	return pkgs
}

func floor(name string) int {
	return slices.IndexFunc(floors, func(f []string) bool { return slices.Contains(f, name) })
}

func TestFloors(t *testing.T) {
	for _, p := range list(t) {
		at := floor(p.name())
		if at < 0 {
			t.Errorf("%s has no floor", p.name())
			continue
		}
		if p.Doc == "" {
			t.Errorf("%s has no package comment", p.name())
		}
		for _, imp := range p.Imports {
			checkImport(t, p, at, imp)
		}
		for _, dep := range p.Deps {
			for _, banned := range neverLinked[p.name()] {
				if strings.HasPrefix(dep, banned) {
					t.Errorf("%s links %s", p.name(), dep)
				}
			}
		}
	}
}

func checkImport(t *testing.T, p pkg, at int, imp string) {
	t.Helper()
	for heavy, allowed := range owners {
		if strings.HasPrefix(imp, heavy) && !slices.Contains(allowed, p.name()) {
			t.Errorf("%s imports %s, which belongs to %v", p.name(), imp, allowed)
		}
	}
	ours, ok := strings.CutPrefix(imp, module)
	if !ok {
		return
	}
	if slices.Contains(testOnly, ours) && !slices.Contains(testOnly, p.name()) {
		t.Errorf("%s imports %s, which is for tests alone", p.name(), ours)
	}
	if f := floor(ours); f > at || (f == at && !slices.Contains(sideways, p.name()+" "+ours)) {
		t.Errorf("%s (floor %d) imports %s (floor %d)", p.name(), at, ours, f)
	}
}

func TestOnlyCommandsKnowTheProcess(t *testing.T) {
	for _, p := range list(t) {
		if p.Name == "main" || slices.Contains(testOnly, p.name()) {
			continue
		}
		for _, name := range p.GoFiles {
			checkFile(t, filepath.Join(p.Dir, name))
		}
	}
}

func checkFile(t *testing.T, path string) {
	t.Helper()
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, path, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(f, func(n ast.Node) bool {
		sel, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		if x, ok := sel.X.(*ast.Ident); ok && slices.Contains(processOnly[x.Name], sel.Sel.Name) {
			t.Errorf("%s uses %s.%s", fset.Position(n.Pos()), x.Name, sel.Sel.Name)
		}
		return true
	})
}
