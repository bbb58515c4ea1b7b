package journey

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kpm-sh/kpm/internal/sharedtest"
)

// TestHistory replays 37 steps of a real repository. Clients that update after
// every step, every fifth, and only at the end hold the same catalog, and so
// does a cold one.
func TestHistory(t *testing.T) {
	t.Parallel()
	root := sharedtest.Path(t, "corpus/classic-history")
	steps, err := os.ReadDir(root)
	if err != nil {
		t.Fatal(err)
	}
	s := newStage(t)
	packages := s.path("packages")
	var report strings.Builder
	refused := ""
	var always, fifth, last *stage
	for i, step := range steps {
		if err := os.CopyFS(packages, laid{os.DirFS(filepath.Join(root, step.Name(), "packages")), packages}); err != nil {
			t.Fatal(err)
		}
		if now := strings.Join(append(s.publish(packages), ""), "\n"); now != refused {
			fmt.Fprintf(&report, "# from step %s on\n%s\n", step.Name(), now)
			refused = now
		}
		if i == 0 {
			s.serve()
			always, fifth, last = s.as("always"), s.as("fifth"), s.as("last")
			last.must(last.kpm, "update")
		}
		t.Logf("step %s: %s", step.Name(), summary(always.must(always.kpm, "update")))
		if i%5 == 4 {
			t.Logf("  every fifth: %s", summary(fifth.must(fifth.kpm, "update")))
		}
	}
	cold := s.as("cold")
	for name, u := range map[string]*stage{"fifth": fifth, "last": last, "cold": cold} {
		t.Logf("at the end, %s: %s", name, summary(u.must(u.kpm, "update")))
	}
	want := always.must(always.kpm, "search", "-o", "json", "--limit", "0").out
	for name, u := range map[string]*stage{"fifth": fifth, "last": last, "cold": cold} {
		if diff := cmp.Diff(want, u.must(u.kpm, "search", "-o", "json", "--limit", "0").out); diff != "" {
			t.Errorf("%s holds another catalog (-always +%s):\n%s", name, name, diff)
		}
	}
	if r := s.run(s.index, "audit", s.path("site")); r.code != 0 {
		t.Errorf("audit: %s%s", r.out, r.err)
	}
	golden(t, "history.txt", report.String())
}

// summary is the line of an update that tells what came and how many bytes.
func summary(r result) string {
	for line := range strings.Lines(r.err) {
		if strings.Contains(line, "corpus:") {
			return strings.TrimSpace(line)
		}
	}
	return strings.TrimSpace(r.err)
}
