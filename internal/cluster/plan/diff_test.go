package plan

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	utiljson "k8s.io/apimachinery/pkg/util/json"
	"sigs.k8s.io/yaml"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/object"
	"github.com/kpm-sh/kpm/internal/sharedtest"
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

// TestDiff compares before and after.
func TestDiff(t *testing.T) {
	sharedtest.Fixtures(t, "diff", func(t *testing.T, files map[string][]byte) string {
		before, after := objectIn(t, files["before"]), objectIn(t, files["after"])
		ref := api.Ref{APIVersion: object.Text(after, "apiVersion"), Kind: object.Text(after, "kind")}
		mask := (&api.Mask{Salt: []byte("salt")})
		mask.Hide("override-value")
		var b strings.Builder
		for _, c := range compare(ref, before, after, mask) {
			b.WriteString(strings.Join(c.Lines(), "\n") + "\n")
		}
		return b.String()
	})
}

// TestEdits goes from one text to another by what is between them, and back.
func TestEdits(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	text := func() (lines []string) {
		for range random.IntN(30) {
			lines = append(lines, fmt.Sprint(random.IntN(4)))
		}
		return lines
	}
	for range 1000 {
		before, after := text(), text()
		var from, to []string
		for _, e := range editsOf(before, after) {
			if e.mark != '+' {
				from = append(from, e.line)
			}
			if e.mark != '-' {
				to = append(to, e.line)
			}
		}
		if !slices.Equal(from, before) || !slices.Equal(to, after) {
			t.Fatalf("got %q and %q, want %q and %q", from, to, before, after)
		}
	}
}

// TestNarrowing holds a CRD against the live one.
func TestNarrowing(t *testing.T) {
	sharedtest.Fixtures(t, "crd", func(t *testing.T, files map[string][]byte) string {
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
