package cluster

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"
	utiljson "k8s.io/apimachinery/pkg/util/json"
	"sigs.k8s.io/yaml"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/object"
)

// object reads YAML as the package has its objects.
func objectIn(t *testing.T, text []byte) map[string]any {
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
		before, after := objectIn(t, files["before"]), objectIn(t, files["after"])
		ref := api.Ref{APIVersion: object.Text(after, "apiVersion"), Kind: object.Text(after, "kind")}
		mask := (&api.Mask{Salt: []byte("salt")})
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
		before, after := objectIn(t, files["before"]), objectIn(t, files["after"])
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
