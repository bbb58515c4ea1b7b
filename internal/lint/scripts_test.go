package lint_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/lint"
)

// TestHookNames: what is called as a hook, and is none, is told where the hook lies; what
// only happens to lie beside it is not.
func TestHookNames(t *testing.T) {
	for file, want := range map[string]string{
		"scripts/preinstall.py":        "nothing runs it: a hook is called scripts/pre-install.py",
		"scripts/pre_install.py":       "nothing runs it: a hook is called scripts/pre-install.py",
		"scripts/Pre-Install.py":       "nothing runs it: a hook is called scripts/pre-install.py",
		"pre-install.py":               "nothing runs it: a hook is called scripts/pre-install.py",
		"hooks/pre-install.py":         "nothing runs it: a hook is called scripts/pre-install.py",
		"scripts/pre-install.sh":       "nothing runs it: a hook is Python, in scripts/pre-install.py",
		"scripts/pre-install":          "nothing runs it: a hook is Python, in scripts/pre-install.py",
		"scripts/post-install.py":      "nothing runs it: the one hook is scripts/pre-install.py, which runs before an install and before an upgrade",
		"scripts/pre-upgrade.py":       "nothing runs it: the one hook is scripts/pre-install.py, which runs before an install and before an upgrade",
		"scripts/pre-install.py":       "",
		"scripts/passwords.py":         "",
		"docs/post-install.md":         "",
		"examples/old/post-install.py": "",
	} {
		k := pony(t, map[string]string{"a.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"})
		k.Files = append(k.Files, kube.File{Path: file})
		_, ps := lint.Kube(t.Context(), k)
		if want != "" {
			want = file + ":1: warning: " + want + " [hook-name]"
		}
		if got := ps.Error(); got != want {
			t.Errorf("%s: got %q, want %q", file, got, want)
		}
	}
}

// TestNamedImages: what K3.yaml names is to be an image reference; one with a tag that
// moves is told, and can be waived.
func TestNamedImages(t *testing.T) {
	for list, want := range map[string]string{
		"[a/b:1, 'example.org:5000/team/x@sha256:" + strings.Repeat("a", 64) + "']": "",
		"['a b']":               `K3.yaml:4: images[0]: reading the image reference "a b": "library/a b" is no path of a repository`,
		"[a:1, 'http://x/y:1']": `K3.yaml:4: images[1]: reading the image reference "http://x/y:1": "http:" is no host`,
		"['x@sha256:12']":       `K3.yaml:4: images[0]: reading the image reference "x@sha256:12": what follows @ is no sha256 digest`,
		"\n- a:1\n- Team/UP:1":  `K3.yaml:6: images[1]: reading the image reference "Team/UP:1": "UP" is no path of a repository`,
		"[busybox]":             "K3.yaml:4: warning: image busybox has no tag, and is what latest is on that day [image-tag]",
		"['busybox:latest']":    "K3.yaml:4: warning: image busybox:latest has a tag that moves: name a version [image-tag]",
		"['busybox:latest'] # kpm:allow image-tag: it is built beside it": "",
	} {
		files := fstest.MapFS{
			"K3.yaml":          {Data: []byte("name: pony\nversion: 1.0.0\ndescription: A pony\nimages: " + list + "\n")},
			"manifests/a.yaml": {Data: []byte("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n")},
		}
		k, _ := kube.ReadDir(files, "pony")
		if _, ps := lint.Kube(t.Context(), k); ps.Error() != want {
			t.Errorf("images: %s: got %q, want %q", list, ps.Error(), want)
		}
	}
}

// TestSchemaAlone: values.schema.json is to be one, and the values fit it, also where no
// template reads them. What only a user has is in tests/values then.
func TestSchemaAlone(t *testing.T) {
	const wants = `{"properties": {"a": {"type": "integer"}, "host": {"type": "string"}}, "required": ["host"]}`
	for name, c := range map[string]struct{ schema, values, tests, want string }{
		"none":          {"{", "a: 1\n", "", "values.schema.json: not JSON: unexpected EOF"},
		"none, tested":  {"{", "a: 1\n", "a: 1\n", "values.schema.json: not JSON: unexpected EOF"},
		"right":         {wants, "a: 1\nhost: x\n", "", ""},
		"kind":          {wants, "\na: x\nhost: x\n", "", "values.yaml:2: a: got string, want integer"},
		"missing":       {wants, "a: 1\n", "", "values.yaml: host: is missing"},
		"tested":        {wants, "a: 1\n", "host: x\n", ""},
		"tested, wrong": {wants, "a: 1\n", "host: x\na: z\n", "tests/values/a.yaml:2: a: got string, want integer"},
	} {
		k := pony(t, map[string]string{"a.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"})
		k.Files = append(k.Files, kube.File{Path: "values.schema.json", Data: []byte(c.schema)}, kube.File{Path: "values.yaml", Data: []byte(c.values)})
		if c.tests != "" {
			k.Files = append(k.Files, kube.File{Path: "tests/values/a.yaml", Data: []byte(c.tests)})
		}
		if _, ps := lint.Kube(t.Context(), k); ps.Error() != c.want {
			t.Errorf("%s: got %q, want %q", name, ps.Error(), c.want)
		}
	}
}

// TestExample: the Kube that people start from is fine, whatever its name.
func TestExample(t *testing.T) {
	for _, name := range []string{"my-web", "y", "on", "null", "123", "0x1f", "1e3"} {
		files, err := kube.Example(name)
		if err != nil {
			t.Fatal(err)
		}
		dir := fstest.MapFS{}
		for _, f := range files {
			dir[f.Path] = &fstest.MapFile{Data: f.Data}
		}
		k, ps := kube.ReadDir(dir, name)
		if len(ps) > 0 {
			t.Fatalf("%s: %v", name, ps)
		}
		if _, ps := lint.Kube(t.Context(), k); len(ps) > 0 {
			t.Errorf("%s: %v", name, ps)
		}
	}
}

// TestAnnotations: all annotations of an object share 256 KiB, keys and values.
func TestAnnotations(t *testing.T) {
	for size, want := range map[int]string{
		1<<18 - 1: "",
		1 << 18:   "manifests/a.yaml:3: ConfigMap a: metadata.annotations has 262145 bytes of keys and values, and may have 262144",
	} {
		k := pony(t, map[string]string{"a.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, annotations: {x: " + strings.Repeat("y", size) + "}}\n"})
		if _, ps := lint.Kube(t.Context(), k); ps.Error() != want {
			t.Errorf("%d: got %q, want %q", size, ps.Error(), want)
		}
	}
}
