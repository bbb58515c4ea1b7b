package lint_test

import (
	"strings"
	"testing"

	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/lint"
)

// A Kube may want values that only its user has: then tests/values says which, and
// the default values alone need not suffice. Without it they have to.
func TestTemplatesWithoutDefaults(t *testing.T) {
	k := pony(t, map[string]string{"a.yaml.tmpl": "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: {{ name }}}\n"})
	if _, ps := lint.Kube(t.Context(), k); !strings.Contains(ps.Error(), `"name" is not defined`) {
		t.Errorf("without tests/values: got %q", ps.Error())
	}
	k.Files = append(k.Files, kube.File{Path: "tests/values/a.yaml", Data: []byte("name: a\n")})
	if _, ps := lint.Kube(t.Context(), k); len(ps) > 0 {
		t.Errorf("with tests/values: %v", ps)
	}
	k.Files[len(k.Files)-1].Data = []byte("other: a\n")
	if _, ps := lint.Kube(t.Context(), k); !strings.Contains(ps.Error(), `"name" is not defined`) {
		t.Errorf("with tests/values that do not suffice either: got %q", ps.Error())
	}
}

// A plain file beside its template has to say what the template gives.
func TestPlainFileBesideItsTemplate(t *testing.T) {
	const service = "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: NAME}\n"
	for plain, want := range map[string]bool{"a": true, "b": false} {
		k := pony(t, map[string]string{
			"a.yaml.tmpl": strings.ReplaceAll(service, "NAME", "{{ 'a' }}"), "a.yaml": strings.ReplaceAll(service, "NAME", plain),
		})
		if _, ps := lint.Kube(t.Context(), k); (ps.Err() == nil) != want {
			t.Errorf("the plain file says %s, the template a: got %v", plain, ps)
		}
	}
}

// TestUnreadTestValues: a value in tests/values that no template reads tests nothing.
func TestUnreadTestValues(t *testing.T) {
	k := pony(t, map[string]string{"a.yaml.tmpl": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {port: '{{ port }}'}\n"})
	k.Files = append(k.Files,
		kube.File{Path: "values.yaml", Data: []byte("port: 80\n")},
		kube.File{Path: "tests/values/a.yaml", Data: []byte("port: 90\nprot: 90\n")})
	const want = `tests/values/a.yaml:2: warning: no template of pony reads the value "prot", so it changes nothing; the nearest is "port" [test-file]`
	if _, ps := lint.Kube(t.Context(), k); !strings.Contains(ps.Error(), want) {
		t.Errorf("got %v", ps)
	}
}
