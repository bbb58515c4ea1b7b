package internal

import (
	"bytes"
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"maps"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/tools/go/packages"
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
	for heavy, allowed := range owners {
		for _, by := range allowed {
			if !used[heavy+" "+by] {
				t.Errorf("nobody imports %s by the allowance for %s", heavy, by)
			}
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
		named = true
		if slices.Contains(testOnly, s.name) {
			continue
		}
		by := allowance(s.name, allowed)
		used[heavy+" "+by] = true
		if by == "" {
			t.Errorf("%s/%s imports %s, which belongs to %v", s.name, file, path, allowed)
		}
	}
	if !named && !slices.Contains(testOnly, s.name) {
		t.Errorf("%s/%s imports %s, and owners does not say whose that is", s.name, file, path)
	}
}

// allowance is what of those allowed a package goes by: itself, a folder that it is below, or anyone; "" is none.
func allowance(name string, allowed []string) string {
	at := slices.IndexFunc(allowed, func(a string) bool {
		return a == anyone || name == a || strings.HasSuffix(a, "/") && strings.HasPrefix(name, a)
	})
	if at < 0 {
		return ""
	}
	return allowed[at]
}

// TestReserved holds what packages use of the standard library to reserved, constants and
// impure, whatever name they give it.
func TestReserved(t *testing.T) {
	all, err := sources()
	if err != nil {
		t.Fatal(err)
	}
	used := map[string]bool{} // allowances that somebody needs
	for _, s := range all {
		if slices.Contains(testOnly, s.name) {
			continue
		}
		for file, f := range s.files {
			for _, name := range s.prints(f) {
				t.Errorf("%s/%s uses %s", s.name, file, name)
			}
			for _, r := range reserved {
				s.checkUse(t, file, r, r.uses(f), used)
			}
			for _, r := range constants {
				s.checkUse(t, file, r, r.others(f), used)
			}
			if !slices.Contains(pure, s.name) {
				continue
			}
			for _, r := range impure {
				s.checkUse(t, file, r, r.uses(f), used)
			}
		}
	}
	for _, r := range slices.Concat(reserved, constants) {
		for _, by := range r.allowed {
			if !used[r.String()+" "+by] {
				t.Errorf("nobody uses %s by the allowance for %s", r, by)
			}
		}
	}
}

func (s source) checkUse(t *testing.T, file string, r reservation, names []string, used map[string]bool) {
	t.Helper()
	by := allowance(s.name, r.allowed)
	for _, name := range names {
		used[r.String()+" "+by] = true
		if by == "" {
			t.Errorf("%s/%s uses %s, which is for %v", s.name, file, name, r.allowed)
		}
	}
}

// prints names the builtins that print and that f calls. Of a file that another system
// builds the names tell, as long as the package has no function that is called so.
func (s source) prints(f *ast.File) []string {
	var found []string
	ast.Inspect(f, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		id, ok := call.Fun.(*ast.Ident)
		if !ok || id.Name != "print" && id.Name != "println" {
			return true
		}
		obj, known := s.built.TypesInfo.Uses[id]
		if _, builtin := obj.(*types.Builtin); builtin || !known && s.built.Types.Scope().Lookup(id.Name) == nil {
			found = append(found, id.Name)
		}
		return true
	})
	return found
}

func (r reservation) String() string { return strings.Join(append([]string{r.path}, r.names...), " ") }

// uses names what of the reservation f uses.
func (r reservation) uses(f *ast.File) []string {
	names := r.locals(f)
	if len(names) > 0 && r.names == nil || slices.Contains(names, ".") {
		return []string{r.path}
	}
	return selected(f, names, r.path, func(name string) bool { return slices.Contains(r.names, name) })
}

// others names what f uses of the package, and that does not begin as the names of the reservation.
func (r reservation) others(f *ast.File) []string {
	names := r.locals(f)
	if slices.Contains(names, ".") {
		return []string{r.path}
	}
	return selected(f, names, r.path, func(name string) bool {
		return !slices.ContainsFunc(r.names, func(begin string) bool { return strings.HasPrefix(name, begin) })
	})
}

// locals are the names that f has for the package.
func (r reservation) locals(f *ast.File) []string {
	var names []string
	for _, imp := range f.Imports {
		path, err := strconv.Unquote(imp.Path.Value)
		switch {
		case err != nil || path != r.path:
		case imp.Name != nil:
			names = append(names, imp.Name.Name)
		default:
			names = append(names, r.path[strings.LastIndex(r.path, "/")+1:])
		}
	}
	return names
}

// selected names what f uses of a package that it has names for.
func selected(f *ast.File, names []string, path string, wanted func(string) bool) []string {
	var found []string
	ast.Inspect(f, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok && wanted(sel.Sel.Name) {
			if x, ok := sel.X.(*ast.Ident); ok && slices.Contains(names, x.Name) {
				found = append(found, path+"."+sel.Sel.Name)
			}
		}
		return true
	})
	return found
}

// TestWaysAround: what would get around the tables is found.
func TestWaysAround(t *testing.T) {
	for _, code := range []string{
		`import ("os"; o "os"); var _ = os.Getenv`,
		`import (o "os"; "os"); var _ = o.Getenv`,
		`import . "os"; var _ = Getenv`,
		`import _ "net"`,
		`import "os"; var _, _ = os.Getwd()`,
		`import "os"; var _, _ = os.Hostname()`,
		`import "os"; var _ = os.TempDir()`,
		`import "golang.org/x/sys/unix"; var _ = unix.Getenv`,
		`import "golang.org/x/sys/unix"; var _ = unix.Environ()`,
		`import "golang.org/x/sys/unix"; var _ = unix.Exec`,
		`import "crypto/tls"; var _ = tls.Dial`,
		`import "net/smtp"; var _ = smtp.Dial`,
		`import "net/rpc"; var _ = rpc.Dial`,
		`import "net/http/httputil"; var _ = httputil.NewSingleHostReverseProxy`,
		`import "net/http"; var _ = http.Get`,
		`import "path/filepath"; var _ = filepath.Glob`,
		`import "path/filepath"; var _ = filepath.WalkDir`,
		`import "path/filepath"; var _ = filepath.EvalSymlinks`,
		`import "path/filepath"; var _ = filepath.Abs`,
		`func f() { print("a") }`,
		`func f() { println() }`,
	} {
		f, err := parser.ParseFile(token.NewFileSet(), "a.go", "package a; "+code, 0)
		if err != nil {
			t.Fatal(err)
		}
		other := source{built: &packages.Package{TypesInfo: &types.Info{}, Types: types.NewPackage("a", "a")}}
		found := other.prints(f)
		for _, r := range slices.Concat(reserved, impure) {
			found = append(found, r.uses(f)...)
		}
		for _, r := range constants {
			found = append(found, r.others(f)...)
		}
		if len(found) == 0 {
			t.Errorf("nobody sees %s", code)
		}
	}
	f, err := parser.ParseFile(token.NewFileSet(), "a.go", `package a; import "net/http"; var _, _, _ = http.MethodGet, http.StatusText(http.StatusOK), http.Get`, 0)
	if err != nil {
		t.Fatal(err)
	}
	if found := constants[0].others(f); !slices.Equal(found, []string{"net/http.Get"}) {
		t.Errorf("of net/http, %v are more than constants", found)
	}
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
