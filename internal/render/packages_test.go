package render_test

import (
	"cmp"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/manifest"
	"github.com/kpm-sh/kpm/internal/render"
	"github.com/kpm-sh/kpm/internal/sharedtest"
)

// TestPackages renders the Kubes of this repository: with their defaults, where
// the templates give the objects of the plain files beside them, and with every
// file of tests/values.
func TestPackages(t *testing.T) {
	dirs, err := filepath.Glob("../../packages/*/K3.yaml")
	if err != nil || len(dirs) == 0 {
		t.Fatalf("no packages: %v", err)
	}
	for _, dir := range dirs {
		dir = filepath.Dir(dir)
		t.Run(filepath.Base(dir), func(t *testing.T) { checkPackage(t, dir) })
	}
}

func checkPackage(t *testing.T, dir string) {
	k, ps := kube.ReadDir(os.DirFS(dir), filepath.Base(dir))
	if k == nil {
		t.Fatal(ps)
	}
	defaults, err := render.Defaults(k)
	if err != nil {
		t.Fatal(err)
	}
	byDefault := objects(t, k, false, defaults)
	if diff := gocmp.Diff(byDefault, objects(t, k, true, defaults)); diff != "" {
		t.Errorf("a template and its plain file differ (-plain +template):\n%s", diff)
	}
	for _, f := range k.Files {
		if path.Dir(f.Path) != "tests/values" {
			continue
		}
		layer, err := render.ParseValues(f.Path, f.Data)
		if err != nil {
			t.Fatal(err)
		}
		if gocmp.Equal(byDefault, objects(t, k, true, defaults, layer)) {
			t.Errorf("%s changes nothing", f.Path)
		}
	}
}

// object is what has to be the same, wherever in a file it stands.
type object struct {
	Name  string
	Value map[string]any
}

func objects(t *testing.T, k *kube.Kube, overridden bool, layers ...render.Layer) []object {
	t.Helper()
	if ps := render.Validate(k, layers...); len(ps) > 0 {
		t.Fatal(ps)
	}
	files, err := render.Render(t.Context(), k, render.Merge(layers...), render.Options{Overridden: overridden})
	if err != nil {
		t.Fatal(err)
	}
	var out []object
	for _, f := range files {
		objs, ps := manifest.Decode(f.Path, f.Data)
		if len(ps) > 0 {
			t.Fatalf("%v\n%s", ps, f.Data)
		}
		for _, o := range objs {
			out = append(out, object{o.String(), o.Value})
		}
	}
	slices.SortFunc(out, func(a, b object) int { return cmp.Compare(a.Name, b.Name) })
	return out
}

// TestCorpus renders the packages that others wrote, leniently, with their
// defaults: testdata/corpus.txt says of each template that it renders, or why
// not.
func TestCorpus(t *testing.T) {
	root := sharedtest.Path(t, "corpus/jinja/packages")
	entries, err := os.ReadDir(root)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, e := range entries {
		k := &kube.Kube{Files: files(t, filepath.Join(root, e.Name()))}
		defaults, err := render.Defaults(k)
		if err != nil {
			t.Errorf("%s: %s", e.Name(), err)
			continue
		}
		for _, f := range k.Templates() {
			verdict := "ok"
			one := &kube.Kube{Files: []kube.File{f}}
			if _, err := render.Render(t.Context(), one, render.Merge(defaults), render.Options{Lenient: true}); err != nil {
				verdict = strings.TrimPrefix(err.Error(), f.Path)
			}
			b.WriteString(e.Name() + "/" + f.Path + " " + verdict + "\n")
		}
	}
	render.Golden(t, "corpus.txt", b.String())
}

func files(t *testing.T, dir string) []kube.File {
	t.Helper()
	var out []kube.File
	err := filepath.WalkDir(dir, func(name string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(name)
		rel, _ := filepath.Rel(dir, name)
		out = append(out, kube.File{Path: filepath.ToSlash(rel), Data: data})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}
