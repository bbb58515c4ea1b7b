package lint_test

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kpm-sh/kpm/internal/kinds"
	"github.com/kpm-sh/kpm/internal/lint"
)

// TestRulesAreDocumented: docs/checks.md has every rule and the versions of Kubernetes,
// and -update writes them.
func TestRulesAreDocumented(t *testing.T) {
	const page, heading = "../../docs/checks.md", "## Rules\n\n"
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	before, got, ok := strings.Cut(string(text), heading)
	if !ok {
		t.Fatalf("%s has no %q", page, heading)
	}
	of, versions := regexp.MustCompile(`the schemas of Kubernetes 1\.\d+ to 1\.\d+ `), fmt.Sprintf("the schemas of Kubernetes %s ", kinds.Known())
	if *update {
		before = of.ReplaceAllLiteralString(before, versions)
		got = lint.Table()
		if err := os.WriteFile(page, []byte(before+heading+got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if said := of.FindString(before); said != versions {
		t.Errorf("%s says %q, want %q", page, said, versions)
	}
	if diff := cmp.Diff(lint.Table(), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", page, diff)
	}
}

// A comment waives a warning of its document, with a reason; K3.yaml one of the whole Kube.
func TestWaivers(t *testing.T) {
	const pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: NAME}\nspec: {containers: [{name: c, image: c}]}\n"
	named := func(name string) string { return strings.Replace(pod, "NAME", name, 1) }
	const warning = ": warning: Pod a: image c has no tag, and is what latest is on that day [image-tag]"
	for name, c := range map[string]struct{ manifest, meta, want string }{
		"none":                {named("a"), "", "manifests/a.yaml:4" + warning},
		"in its document":     {"# kpm:allow image-tag: built beside it\n" + named("a"), "", ""},
		"on a line of it":     {strings.Replace(named("a"), "Pod\n", "Pod # kpm:allow image-tag: built beside it\n", 1), "", ""},
		"in another document": {named("a") + "---\n# kpm:allow image-tag: built beside it\n" + named("b"), "", "manifests/a.yaml:4" + warning},
		"of the Kube":         {named("a"), "# kpm:allow image-tag: built beside it\n", ""},
		"of another rule":     {"# kpm:allow no-probe: it ends\n" + named("a"), "", "manifests/a.yaml:1: warning: kpm:allow no-probe waives nothing here: leave it out [unused-waiver]\nmanifests/a.yaml:5" + warning},
		"above the first ---": {"# kpm:allow image-tag: built beside it\n---\n" + named("a"), "", ""},
		"in a text":           {"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: b}\ndata:\n  run: |\n    # kpm:allow nope\n  say: \"# kpm:allow nope\"\n", "", ""},
		"after a text":        {"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: b}\ndata:\n  run: |\n    x\n  # kpm:allow nope\n", "", "manifests/a.yaml:7: kpm:allow names \"nope\", which is no rule"},
		"without a reason":    {"# kpm:allow image-tag\n" + named("a"), "", "manifests/a.yaml:1: kpm:allow image-tag has no reason: write it after a colon\nmanifests/a.yaml:5" + warning},
		"of no rule":          {"# kpm:allow image-tags: built beside it\n" + named("a"), "", "manifests/a.yaml:1: kpm:allow names \"image-tags\", which is no rule; the nearest is image-tag\nmanifests/a.yaml:5" + warning},
		"of an error":         {"# kpm:allow type: I know\n" + named("a"), "", "manifests/a.yaml:1: kpm:allow names type, and servers refuse what it finds\nmanifests/a.yaml:5" + warning},
	} {
		t.Run(name, func(t *testing.T) {
			k := pony(t, map[string]string{"a.yaml": c.manifest})
			for i, f := range k.Files {
				if f.Path == "K3.yaml" {
					k.Files[i].Data = append([]byte(c.meta), f.Data...)
				}
			}
			if _, ps := lint.Kube(t.Context(), k); ps.Error() != c.want {
				t.Errorf("got\n%s\nwant\n%s", ps.Error(), c.want)
			}
		})
	}
}

// TestManyWaivers: a file of many documents, each with a waiver of its own, is read in
// about as many steps.
func TestManyWaivers(t *testing.T) {
	const n = 5_000
	k := pony(t, map[string]string{"a.yaml": strings.Repeat("kind: A # kpm:allow image-tag: built beside it\n---\n", n)})
	_, ps := lint.Kube(t.Context(), k)
	faults := 0
	for _, p := range ps {
		if strings.HasPrefix(p.Message, "kpm:allow image-tag waives nothing") {
			faults++
		}
	}
	if faults == 0 || len(ps) < n {
		t.Errorf("%d problems, %d of waivers", len(ps), faults)
	}
}
