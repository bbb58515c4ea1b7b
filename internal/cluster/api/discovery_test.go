package api

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"
)

func TestDiscovery(t *testing.T) {
	fixturesOf(t, "discovery", func(t *testing.T, files map[string][]byte) string {
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
			b.WriteString(r.Path("ns", "x") + "\n")
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

// fixturesOf calls check with the files of each txtar of a folder, by their names;
// want is the file that check has to return.
func fixturesOf(t *testing.T, folder string, check func(*testing.T, map[string][]byte) string) {
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
