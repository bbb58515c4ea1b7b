package cluster

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"
	utiljson "k8s.io/apimachinery/pkg/util/json"
	"sigs.k8s.io/yaml"
)

// object reads YAML as the package has its objects.
func object(t *testing.T, text []byte) map[string]any {
	t.Helper()
	data, err := yaml.YAMLToJSON(text)
	if err != nil {
		t.Fatal(err)
	}
	var m map[string]any
	if err := utiljson.Unmarshal(data, &m); err != nil {
		t.Fatal(err)
	}
	return m
}

// fixtures calls check with the files of each txtar of a folder, by their names;
// want is the file that check has to return.
func fixtures(t *testing.T, folder string, check func(*testing.T, map[string][]byte) string) {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join("testdata", folder, "*.txtar"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no fixtures: %v", err)
	}
	for _, path := range paths {
		t.Run(filepath.Base(path), func(t *testing.T) {
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			files := map[string][]byte{}
			for _, f := range txtar.Parse(data).Files {
				files[f.Name] = f.Data
			}
			if diff := cmp.Diff(string(files["want"]), check(t, files)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestDiff compares before and after.
func TestDiff(t *testing.T) {
	fixtures(t, "diff", func(t *testing.T, files map[string][]byte) string {
		before, after := object(t, files["before"]), object(t, files["after"])
		ref := Ref{APIVersion: text(after, "apiVersion"), Kind: text(after, "kind")}
		mask := (&Mask{salt: []byte("salt")})
		mask.Hide("override-value")
		var b strings.Builder
		for _, c := range compare(ref, before, after, mask) {
			b.WriteString(c.String() + "\n")
		}
		return b.String()
	})
}

// TestNarrowing holds a CRD against the live one.
func TestNarrowing(t *testing.T) {
	fixtures(t, "crd", func(t *testing.T, files map[string][]byte) string {
		before, after := object(t, files["before"]), object(t, files["after"])
		var b strings.Builder
		for _, v := range lostVersions(before, after) {
			b.WriteString("lost " + v + "\n")
		}
		for _, n := range narrowing(before, after) {
			b.WriteString(n + "\n")
		}
		return b.String()
	})
}

// TestDiscovery reads what servers answer.
func TestDiscovery(t *testing.T) {
	fixtures(t, "discovery", func(t *testing.T, files map[string][]byte) string {
		all := newKinds()
		for name, data := range files {
			switch {
			case name == "aggregated":
				d, err := parseDiscovery(data)
				if err != nil {
					t.Fatal(err)
				}
				all.add(d)
			case strings.HasPrefix(name, "resources "):
				if _, err := parseDiscovery(data); err == nil {
					t.Errorf("%s is taken for aggregated", name)
				}
				d, err := parseResources(strings.TrimPrefix(name, "resources "), data)
				if err != nil {
					t.Fatal(err)
				}
				all.add(d)
			}
		}
		var b strings.Builder
		for _, q := range strings.Split(strings.TrimSpace(string(files["ask"])), "\n") {
			apiVersion, kind, _ := strings.Cut(q, " ")
			c := &Client{kinds: all}
			r, err := c.Resource(t.Context(), apiVersion, kind)
			if err != nil {
				b.WriteString(err.Error() + "\n")
				continue
			}
			b.WriteString(r.path("ns", "x") + "\n")
		}
		return b.String()
	})
}

func TestParseVersions(t *testing.T) {
	for data, want := range map[string]string{
		`{"kind":"APIVersions","versions":["v1"]}`: `["v1"]`,
		`{"kind":"APIGroupList","groups":[{"name":"apps","versions":[{"groupVersion":"apps/v1"},{"groupVersion":"apps/v1beta1"}]}]}`: `["apps/v1","apps/v1beta1"]`,
	} {
		got, err := parseVersions([]byte(data))
		if err != nil {
			t.Fatal(err)
		}
		if text, _ := json.Marshal(got); string(text) != want {
			t.Errorf("%s: got %s", data, text)
		}
	}
}

func TestMask(t *testing.T) {
	m := (&Mask{salt: []byte("salt")})
	m.Hide("hunter2", "ab", "line\nbreak", "")
	for in, want := range map[string]string{
		`Unsupported value: "hunter2"`: `Unsupported value: "(hidden)"`,
		"aHVudGVyMg== in base64":       "(hidden) in base64",
		`value "ab" is short`:          `value "(hidden)" is short`,
		"about":                        "about",
		`quoted line\nbreak`:           "quoted (hidden)",
	} {
		if got := m.Scrub(in); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if m.Value("a") == m.Value("b") || m.Value("a") != (&Mask{salt: []byte("salt")}).Value("a") || m.Value("a") == (&Mask{salt: []byte("other")}).Value("a") {
		t.Error("masks do not tell values apart within a run, or tell them between runs")
	}
	if got := (&Mask{}).Value("a"); got != "(hidden)" {
		t.Errorf("without salt %q", got)
	}
}
