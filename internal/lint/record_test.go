package lint_test

import (
	"strings"
	"testing"
	"time"

	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/lint"
)

// TestFits: what fits a line today has to fit it at every later publish, whose
// number has up to 16 digits.
func TestFits(t *testing.T) {
	k := pony(t, map[string]string{"a.yaml": "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: a}\n"})
	facts := func(image int) lint.Facts { return lint.Facts{Images: []string{strings.Repeat("x", image)}} }
	line := func(f lint.Facts, rev int64) error {
		r := f.Record(k)
		r.Rev, r.Built = rev, index.At(time.Unix(0, 0))
		r.Doc = index.Ref{SHA256: index.DigestOf(nil), Size: index.MaxDocument}
		_, err := index.NewLine(r)
		return err
	}
	longest := 0 // the longest image that every line can hold
	for n := index.MaxLine; longest == 0; n-- {
		if line(facts(n), 1<<53) == nil {
			longest = n
		}
	}
	if ps := facts(longest).Fits(k); len(ps) > 0 {
		t.Errorf("what fits every line: %v", ps)
	}
	if err := line(facts(longest+1), 1); err != nil {
		t.Fatalf("one byte more should fit the first line: %v", err)
	}
	if ps := facts(longest + 1).Fits(k); len(ps) != 1 {
		t.Errorf("one byte more: got %v, want a refusal", ps)
	}
}
