package client

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kpm-sh/kpm/internal/errcode"
	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/sharedtest"
	"github.com/kpm-sh/kpm/internal/sitetest"
)

// template is a release with a template, beside which there may be a plain file.
func template(plain string) *sitetest.Edition {
	e := sitetest.Release("a", "1.0.0")
	e.Files = []kube.File{
		e.Files[0],
		{Path: "manifests/a.yaml.tmpl", Data: []byte("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n  k: {{ k | to_json }}\n  deep: {{ nn.m | to_json }}\n")},
		{Path: "values.yaml", Data: []byte("k: default\nnn: {m: \"1\"}\n")},
		{Path: "values.schema.json", Data: []byte(`{"type":"object","additionalProperties":false,"properties":{"k":{"type":"string"},"nn":{"type":"object"}}}`)},
	}
	if plain != "" {
		e.Files = append(e.Files[:1:1], append([]kube.File{{Path: "manifests/a.yaml", Data: []byte(plain)}}, e.Files[1:]...)...)
	}
	return e
}

const plainManifest = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n  k: plain\n"

// render opens and renders a, and gives the data of its one object.
func renderA(t *testing.T, c *Client, v Values) (map[string]any, error) {
	t.Helper()
	opened, err := open(t, c, "a")
	must(t, err)
	rendered, err := renderedWith(t, c, opened, v)
	if err != nil {
		return nil, err
	}
	objects, err := rendered.Objects()
	if err != nil {
		return nil, err
	}
	if len(objects) != 1 {
		t.Fatalf("got %d objects", len(objects))
	}
	data, _ := objects[0].Value["data"].(map[string]any)
	return data, nil
}

// ofA is a client of a site that has published a.
func ofA(t *testing.T, plain string) *Client {
	t.Helper()
	s := sitetest.New(t)
	s.Publish(template(plain))
	c := clientOf(t, s)
	update(t, c)
	return c
}

// values.yaml < each -f < each --set < each --set-string.
func TestValuesInOrder(t *testing.T) {
	c := ofA(t, "")
	one, two := filepath.Join(t.TempDir(), "1.yaml"), filepath.Join(t.TempDir(), "2.yaml")
	sharedtest.Write(t, one, "k: one\nnn: {m: one}\n")
	sharedtest.Write(t, two, "k: two\n")
	for name, v := range map[string]struct {
		values Values
		k, n   string
	}{
		"defaults":           {Values{}, "default", "1"},
		"a file":             {Values{Files: []string{one}}, "one", "one"},
		"two files":          {Values{Files: []string{one, two}}, "two", "one"},
		"--set over files":   {Values{Files: []string{two}, Set: []string{"k=set", "nn.m=x"}}, "set", "x"},
		"the later --set":    {Values{Set: []string{"k=set", "k=later"}}, "later", "1"},
		"--set-string":       {Values{Set: []string{"k=set"}, SetString: []string{"k=8080"}}, "8080", "1"},
		"nothing in a value": {Values{SetString: []string{"k="}}, "", "1"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := renderA(t, c, v.values)
			must(t, err)
			if diff := cmp.Diff(map[string]any{"k": v.k, "deep": v.n}, got); diff != "" {
				t.Errorf("data (-want +got):\n%s", diff)
			}
		})
	}
}

func TestValuesRefused(t *testing.T) {
	c := ofA(t, "")
	file := filepath.Join(t.TempDir(), "v.yaml")
	sharedtest.Write(t, file, "k: x\nkk: y\n")
	for name, v := range map[string]struct {
		values Values
		usage  bool
		want   string
	}{
		"not of the schema, in a file": {Values{Files: []string{file}}, false, file + ":2: kk: is not a value of this Kube"},
		"not of the schema, in a flag": {Values{SetJSON: []string{"k=8080"}}, false, "setting k: k: got number, want string"},
		"no name":                      {Values{Set: []string{"=x"}}, true, "a name is missing"},
		"no file":                      {Values{Files: []string{file + ".not"}}, false, "reading values: "},
		"what the template cannot do":  {Values{Set: []string{"nn=null"}}, false, "manifests/a.yaml.tmpl:7: "},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := renderA(t, c, v.values)
			if err == nil || errcode.Has(err, errcode.Usage) != v.usage || !strings.Contains(err.Error(), v.want) {
				t.Errorf("got %v, want %q", err, v.want)
			}
		})
	}
}

// The plain file counts until a value is set.
func TestPlainBesideTemplate(t *testing.T) {
	c := ofA(t, plainManifest)
	got, err := renderA(t, c, Values{})
	must(t, err)
	if got["k"] != "plain" {
		t.Errorf("without values: got %v", got)
	}
	got, err = renderA(t, c, Values{Set: []string{"k=x"}})
	must(t, err)
	if got["k"] != "x" {
		t.Errorf("with a value: got %v", got)
	}
}

// Edits in a working copy count, or kpm says that they do not.
func TestEditsCount(t *testing.T) {
	const yaml, tmpl = "manifests/a.yaml", "manifests/a.yaml.tmpl"
	for name, e := range map[string]struct {
		edits   map[string]string // path → content, added to what is there
		values  Values
		want    string // value of k
		refused []string
		warned  string
	}{
		"the plain file":                          {edits: map[string]string{yaml: "  e: edited\n"}, want: "plain"},
		"the plain file, and a value":             {edits: map[string]string{yaml: "  e: edited\n"}, values: Values{Set: []string{"k=secret"}}, refused: []string{yaml + " was edited", "setting k", tmpl}},
		"values.yaml":                             {edits: map[string]string{"values.yaml": "# edited\n"}, want: "default"},
		"values.yaml and the plain file":          {edits: map[string]string{"values.yaml": "# edited\n", yaml: "  e: edited\n"}, refused: []string{yaml + " was edited", "values.yaml", tmpl}},
		"the template":                            {edits: map[string]string{tmpl: "  e: edited\n"}, want: "plain", warned: "WARNING: " + tmpl + " was edited, but as long as no value is set " + yaml + " counts"},
		"the template, and a value":               {edits: map[string]string{tmpl: "  e: edited\n"}, values: Values{Set: []string{"k=x"}}, want: "x"},
		"the template, and a value for something": {edits: map[string]string{tmpl: "  e: {{ nothing }}\n"}, values: Values{Set: []string{"k=x"}}, refused: []string{tmpl + ":8"}},
	} {
		t.Run(name, func(t *testing.T) {
			c := ofA(t, plainManifest)
			co, err := get(t, c, "a")
			must(t, err)
			for path, more := range e.edits {
				file := filepath.Join(co.Dir, path)
				before, err := os.ReadFile(file)
				must(t, err)
				sharedtest.Write(t, file, string(before)+more)
			}
			told := listen(c)
			got, err := renderA(t, c, e.values)
			if (err != nil) != (len(e.refused) > 0) || (err == nil && got["k"] != e.want) {
				t.Errorf("got %v, %v", got, err)
			}
			for _, part := range e.refused {
				if err != nil && !strings.Contains(err.Error(), part) {
					t.Errorf("got %v, want %q in it", err, part)
				}
			}
			if err != nil && strings.Contains(err.Error(), "secret") {
				t.Errorf("the error shows a value: %v", err)
			}
			if said(*told, "WARNING") != (e.warned != "") || !said(*told, e.warned) {
				t.Errorf("told %q, want %q", *told, e.warned)
			}
		})
	}
}

// What is wrong with the YAML that a template gives is said of the template.
func TestObjectsOfATemplate(t *testing.T) {
	e := template("")
	e.Files[1].Data = []byte("apiVersion: v1\nkind: {{ k }}\n")
	s := sitetest.New(t)
	s.Publish(e)
	c := clientOf(t, s)
	update(t, c)
	_, err := renderA(t, c, Values{})
	if want := "manifests/a.yaml.tmpl: line 1 of what it gives: metadata.name is missing"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %q", err, want)
	}
}

// lintCopy judges the copy of a.
func lintCopy(t *testing.T, c *Client) (kube.Problems, error) {
	t.Helper()
	mine, err := c.Copies().Copy("a")
	must(t, err)
	return mine.Lint(t.Context(), "a")
}

// A working copy is judged as it would be applied.
func TestLintCopy(t *testing.T) {
	c := ofA(t, plainManifest)
	co, err := get(t, c, "a")
	must(t, err)
	ps, err := lintCopy(t, c)
	must(t, err)
	if !strings.Contains(ps.Error(), "a.yaml.tmpl gives other objects") {
		t.Errorf("as it came: got %v", ps)
	}
	sharedtest.Write(t, filepath.Join(co.Dir, "manifests/a.yaml"), plainManifest+"  e: edited\n")
	if ps, err = lintCopy(t, c); err != nil || ps.Err() != nil {
		t.Errorf("with an edited plain file: got %v, %v", ps, err)
	}
	sharedtest.Write(t, filepath.Join(co.Dir, "manifests/a.yaml"), "kind: [\n")
	if ps, err = lintCopy(t, c); err != nil || ps.Err() == nil {
		t.Errorf("with a broken file: got %v, %v", ps, err)
	}
}

// A plan says where an object is written: of what a template gives, the template.
func TestPlacesOfObjects(t *testing.T) {
	k := &kube.Kube{Files: []kube.File{
		{Path: "manifests/a.yaml", Data: []byte("# a\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n")},
		{Path: "manifests/b.yaml.tmpl", Data: []byte("{# b #}\n\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: b}\n")},
	}}
	objects, _, err := preparedOf(k, hooked{}, nil).objects(t.Context())
	must(t, err)
	for i, want := range []string{"manifests/a.yaml 2", "manifests/b.yaml.tmpl, line 3 of what it gives 0"} {
		if got := fmt.Sprintf("%s %d", objects[i].Path, objects[i].Line); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// renderedWith is what a Kube gives with values of the user.
func renderedWith(t *testing.T, c *Client, opened *Opened, v Values) (*Rendered, error) {
	t.Helper()
	own, err := v.layers()
	if err != nil {
		return nil, err
	}
	if own, err = resolve(opened.Kube, own); err != nil {
		return nil, err
	}
	return renderWith(t.Context(), c, opened, own)
}
