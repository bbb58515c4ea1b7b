package lint_test

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/lint"
)

// escapes are how bytes are written in a fixture that an editor would not keep.
var escapes = strings.NewReplacer(`\xef\xbb\xbf`, "\ufeff", `\xff`, "\xff", `\r`+"\n", "\r\n")

// TestManifests judges one manifest after the other, each as the only one of a Kube.
// Behind each stands what lint says of it: `want` holds the whole verdict. `unjudged`
// gives the fault that an API server finds and lint, which does not know the schemas of
// Kubernetes, has to let pass today without a word; who teaches it more writes a want.
func TestManifests(t *testing.T) {
	fixtures, err := filepath.Glob("testdata/manifests/*.txtar")
	if err != nil || len(fixtures) == 0 {
		t.Fatalf("no fixtures: %v", err)
	}
	for _, file := range fixtures {
		a, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if len(a.Files)%2 != 0 {
			t.Fatalf("%s: not each manifest has its verdict", file)
		}
		for i := 0; i < len(a.Files); i += 2 {
			manifest, want := a.Files[i], &a.Files[i+1]
			t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar")+"/"+manifest.Name, func(t *testing.T) {
				got := verdict(t, manifest.Name, escapes.Replace(string(manifest.Data)))
				switch fault, unjudged := strings.CutPrefix(want.Name, "unjudged: "); {
				case unjudged && (!strings.HasPrefix(got, "accepted: ") || strings.Count(got, "\n") > 1):
					t.Errorf("lint judges by now what it did not (%s): write it as its want:\n%s", fault, got)
				case unjudged:
				case want.Name != "want":
					t.Errorf("%q is neither a want nor unjudged", want.Name)
				case *update:
					want.Data = []byte(got)
				default:
					if diff := cmp.Diff(string(want.Data), got); diff != "" {
						t.Errorf("verdict (-want +got):\n%s", diff)
					}
				}
			})
		}
		if *update {
			if err := os.WriteFile(file, txtar.Format(a), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// verdict is what lint says of a Kube with this one manifest: the kinds and images that
// it found where it accepts, and all problems.
func verdict(t *testing.T, name, text string) string {
	t.Helper()
	k, ps := kube.ReadDir(fstest.MapFS{
		"K3.yaml":                    {Data: []byte("name: pony\nversion: 1.0.0\ndescription: A pony\ndetails: It neighs\nhome: https://example.org\nmaintainers: [Ann Author <ann@example.org>]\n")},
		path.Join("manifests", name): {Data: []byte(text)},
	}, "pony")
	facts, more := lint.Kube(t.Context(), k)
	ps = append(ps, more...)
	var b strings.Builder
	switch {
	case ps.Err() != nil:
		b.WriteString("refused\n")
	case len(facts.Images) > 0:
		fmt.Fprintf(&b, "accepted: %s; %s\n", strings.Join(facts.Kinds, " "), strings.Join(facts.Images, " "))
	default:
		fmt.Fprintf(&b, "accepted: %s\n", strings.Join(facts.Kinds, " "))
	}
	for _, p := range ps {
		fmt.Fprintln(&b, p)
	}
	return b.String()
}
