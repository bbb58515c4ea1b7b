package kube_test

import (
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/kpm-sh/kpm/internal/kube"
)

func rng(t testing.TB, s string) kube.Range {
	t.Helper()
	r, err := kube.ParseRange(s)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestParseMetaReadsEveryKey(t *testing.T) {
	a, err := txtar.ParseFile("testdata/meta/whole.txtar")
	if err != nil {
		t.Fatal(err)
	}
	want := kube.Meta{
		Name:        "pony",
		Version:     version(t, "1.0.0"),
		Description: "A pony",
		Details:     "It is a pony.",
		Home:        "https://example.com",
		License:     "Apache-2.0",
		Deprecated:  "Use horse instead.",
		Maintainers: []string{"Ann Author <ann@example.com>"},
		Keywords:    []string{"pony", "horse"},
		Kubernetes:  rng(t, ">=1.30"),
		KPM:         rng(t, "x >= 1.0"),
		Images:      []string{"docker.io/library/hay:1.0"},
		Annotations: map[string]string{"example.com/tag": "1", "example.com/notes": "several\nlines"},
		Dependencies: []kube.Dependency{
			{Name: "nginx", Version: rng(t, "1.9 < x <= 1.10")},
			{Name: "etcd-standalone"},
			{Name: "hay", Version: rng(t, "^1.2 || ~3.4")},
		},
	}
	got, ps := kube.ParseMeta(a.Files[0].Data)
	if len(ps) > 0 {
		t.Error(ps)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("meta (-want +got):\n%s", diff)
	}
}

func TestReadMetaIgnoresTheUnknown(t *testing.T) {
	data := []byte("\ufeff---\r\nname: pony\r\nversion: 1.0.0\r\ndescription: A pony\r\n" +
		"future: [1, {a: b}]\r\ndependencies:\r\n- name: hay\r\n  optional: true\r\n")
	m, err := kube.ReadMeta(data)
	if err != nil {
		t.Fatal(err)
	}
	if m.Name != "pony" || len(m.Dependencies) != 1 || m.Dependencies[0].Name != "hay" {
		t.Errorf("got %+v", m)
	}
	if _, ps := kube.ParseMeta(data); len(ps.Errors()) != 2 {
		t.Errorf("authors are told %v, want the two unknown keys", ps.Errors())
	}
}

// TestReadMetaIsAsSafe holds every fixture that ParseMeta refuses for more than
// unknown keys against ReadMeta.
func TestReadMetaIsAsSafe(t *testing.T) {
	fixtures, err := filepath.Glob("testdata/meta/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range fixtures {
		a, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		_, ps := kube.ParseMeta(a.Files[0].Data)
		_, err = kube.ReadMeta(a.Files[0].Data)
		onlyAuthors := filepath.Base(file) == "unknown-key.txtar"
		if (ps.Err() == nil || onlyAuthors) != (err == nil) {
			t.Errorf("%s: authors %v, clients %v", file, ps.Err(), err)
		}
	}
}

func FuzzParseMeta(f *testing.F) {
	for _, pattern := range []string{"testdata/meta/*.txtar", "testdata/releases/*.txtar"} {
		fixtures, err := filepath.Glob(pattern)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range fixtures {
			a, err := txtar.ParseFile(file)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(a.Files[0].Data)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		m, ps := kube.ParseMeta(data)
		for _, p := range ps {
			if p.Message == "" || p.Line < 0 {
				t.Errorf("odd finding %+v", p)
			}
		}
		if _, rs := kube.ReadReleases(data); ps.Err() == nil && rs.Err() == nil {
			t.Error("is K3.yaml and releases.yaml")
		}
		if ps.Err() != nil {
			return
		}
		if kube.ValidName(m.Name) != nil || m.Version == nil || m.Description == "" {
			t.Errorf("accepted without what is required: %+v", m)
		}
		for _, s := range append([]string{m.Description, m.Home, m.License, m.Deprecated}, m.Maintainers...) {
			if !kube.Printable(s, false) || len(s) > kube.MaxLine {
				t.Errorf("accepted %q", s)
			}
		}
		if _, err := kube.ReadMeta(data); err != nil {
			t.Errorf("authors may, clients may not: %v", err)
		}
	})
}
