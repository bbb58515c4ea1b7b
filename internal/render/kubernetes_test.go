package render_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	sigs "sigs.k8s.io/yaml"

	"github.com/kpm-sh/kpm/internal/render"
)

// TestValuesAreReadAsByKubernetes holds files of values against sigs.k8s.io/yaml: what
// both accept is the same, and nothing is accepted that it refuses.
func TestValuesAreReadAsByKubernetes(t *testing.T) {
	texts := []string{
		"a: &x {p: 1, q: no}\nb:\n  <<: *x\n  q: on\n", "a: &x {p: 1}\nb: {p: 2, <<: *x}\n", "a: &x {p: 1, q: 2}\nb: &z {p: 3, r: 4}\nc: {<<: [*x, *z], q: 5}\n",
		"a: &x {p: {s: 1}}\nb: &z {<<: *x, u: 1}\nc: {<<: *z, p: {t: 2}}\n", "a: 1\n<<: {a: 2, b: 3}\n", "<<: 1\n", "<<: [1]\n", "a: '<<'\n",
		"a: |\n  no\n  1.10\nb: >-\n  on\n  off\nc: \"y\\\n  es\"\nd: no\n  yes\n", "a: # c\n  no # d\n", "a: {b: [no, 'no', \"no\", !!str no]}\n", "{a: no, \"b\": 1.10}\n",
		"a: !!float 1\nb: !!int 7\n", "a: &n no\nb: *n\n", "? a\n: no\n", "--- \na: no\n...\n", "%YAML 1.1\n---\na: no\n", "a:\r\n  b: no\r\n", "\ufeffa: no\n", "a: \"\\x41\\u0042\\/\\t\"\n",
		"{\"a\": 1e3, \"b\": 1.0, \"c\": [true, null]}\n", "a: 2001-01-01\nb: 12:30\nc: 0o17\n", "a: ~\nb:\nc: ''\n", "a: - b\n", "a: b: c\n", "a: [1\n", "a: *q\n",
	}
	r := rand.New(rand.NewPCG(1, 9))
	for range 2000 {
		texts = append(texts, mapping(r, 0))
	}
	compared := 0
	for i, text := range texts {
		l, err := render.ParseValues("v.yaml", []byte(text))
		wantJSON, wantErr := sigs.YAMLToJSON([]byte(text))
		if err != nil && i < 4 {
			t.Errorf("%q: %v", text, err)
		}
		if err != nil {
			continue // what is refused besides has tests of its own
		}
		if wantErr != nil {
			t.Errorf("%q: got %v, Kubernetes says %v", text, l.Values, wantErr)
			continue
		}
		gotJSON, err := render.JSON(l.Values)
		if err != nil {
			t.Fatal(err)
		}
		var got, want map[string]any // 1 and 1.0 are the same number
		if err := errors.Join(json.Unmarshal(gotJSON, &got), json.Unmarshal(wantJSON, &want)); err != nil {
			t.Fatal(err)
		}
		compared++
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q (-Kubernetes +got):\n%s", text, diff)
		}
	}
	if compared < 1000 {
		t.Errorf("only %d of %d texts were compared", compared, len(texts))
	}
}

var someWords = []string{
	"no", "on", "Off", "y", "N", "true", "null", "~", "", "1.10", "0644", "08", "0x1F", "1e3", "1_000", "-0", "+1", ".5", "1.", "12:30:00", "2026-11-28", "a b", "10Gi",
	"'no'", `"1.10"`, `"\u00e9"`, "!!str no", "!!float 3", "=", "<", "a#b", "'it''s'", "-", "...", "-x", "x: y",
}

// mapping is a mapping of random words, in block style or in flow style.
func mapping(r *rand.Rand, depth int) string {
	var b strings.Builder
	for i := range 1 + r.IntN(4) {
		key := fmt.Sprintf("k%d", i)
		if r.IntN(20) == 0 {
			key = someWords[r.IntN(len(someWords))]
		}
		indent := strings.Repeat("  ", depth)
		switch n := r.IntN(10); {
		case n == 0 && depth < 3:
			fmt.Fprintf(&b, "%s%s:\n%s", indent, key, mapping(r, depth+1))
		case n == 1:
			fmt.Fprintf(&b, "%s%s: [%s, %s]\n", indent, key, word(r), word(r))
		case n == 2:
			fmt.Fprintf(&b, "%s%s:\n%s- %s\n%s- {w: %s}\n", indent, key, indent, word(r), indent, word(r))
		default:
			fmt.Fprintf(&b, "%s%s: %s\n", indent, key, word(r))
		}
	}
	return b.String()
}

func word(r *rand.Rand) string { return someWords[r.IntN(len(someWords))] }
