package lint_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/lint"
)

// Lint warns where a word of the author prints otherwise than it is written.
func TestWordsThatPrintOtherwise(t *testing.T) {
	for word, want := range map[string]string{
		"no":       `no is false in YAML: write false, or "no" for the text`,
		"on":       `on is true in YAML: write true, or "on" for the text`,
		"1.10":     `1.10 is the number 1.1, and is printed so: write that, or "1.10" for the text`,
		"0644":     `0644 is the number 420, and is printed so: write that, or "0644" for the text`,
		"1e3":      `1e3 is the number 1000.0, and is printed so: write that, or "1e3" for the text`,
		"25921e05": `25921e05 is the number 2592100000.0, and is printed so: write that, or "25921e05" for the text`,
		"0x10":     `0x10 is the number 16, and is printed so: write that, or "0x10" for the text`,
		"1_000":    `1_000 is the number 1000, and is printed so: write that, or "1_000" for the text`,
		"+1":       `+1 is the number 1, and is printed so: write that, or "+1" for the text`,
		"12:30:00": "", "2026-11-28": "", "true": "", "False": "", "~": "", "1.0": "", "8080": "", "1.5": "", "10Gi": "", `"no"`: "", "'1.10'": "", "1.2.3": "",
	} {
		k := pony(t, map[string]string{"a.yaml.tmpl": "apiVersion: v1\nkind: Secret\nmetadata: {name: a} {# l #}\n"})
		k.Files = append(k.Files,
			kube.File{Path: "tests/values/a.yaml", Data: []byte("l:\n- {w: " + word + "}\n")}, kube.File{Path: kube.ValuesPath, Data: []byte("w: " + word + "\n")})
		_, ps := lint.Kube(t.Context(), k)
		var lines []string
		if want != "" {
			lines = []string{"tests/values/a.yaml:2: warning: l[0].w: " + want + " [value-word]", "values.yaml:1: warning: w: " + want + " [value-word]"}
		}
		if got, want := fmt.Sprint(ps), strings.Join(lines, "\n"); ps.Error() != want {
			t.Errorf("%s: got %s\nwant %s", word, got, want)
		}
	}
}

// Values count for the schema, the hook and templates to come: they have to be YAML
// whether or not there is a template.
func TestValuesWithoutTemplates(t *testing.T) {
	k := pony(t, map[string]string{"a.yaml": "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: a}\n"})
	k.Files = append(k.Files, kube.File{Path: kube.ValuesPath, Data: []byte("a: [1\n")})
	if _, ps := lint.Kube(t.Context(), k); ps.Err() == nil || ps[0].Path != kube.ValuesPath {
		t.Errorf("got %v", ps)
	}
}
