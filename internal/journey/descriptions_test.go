package journey

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/kpm-sh/kpm/internal/sharedtest"
)

// TestDescriptions makes Kubes of 402 names and descriptions by 400 authors:
// the exact name comes first for all, and with two letters swapped or one
// dropped the right one is in the top 3 for at least 97 %.
func TestDescriptions(t *testing.T) {
	data, err := os.ReadFile(sharedtest.Path(t, "corpus/descriptions.json"))
	if err != nil {
		t.Fatal(err)
	}
	var list []struct{ Name, Version, Home, Description, Details string }
	if err := json.Unmarshal(data, &list); err != nil {
		t.Fatal(err)
	}
	s := newStage(t)
	for _, e := range list {
		meta := fmt.Sprintf("name: %s\nversion: %q\ndescription: %q\nhome: %q\n", e.Name, e.Version, oneLine(e.Description), e.Home)
		if e.Details != "" {
			meta += fmt.Sprintf("details: %q\n", plain(e.Details))
		}
		object := fmt.Sprintf("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: %s\n", e.Name)
		for path, text := range map[string]string{"K3.yaml": meta, "manifests/configmap.yaml": object} {
			at := filepath.Join(s.path("packages"), e.Name, filepath.FromSlash(path))
			if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(at, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	if refused := s.publish(s.path("packages")); len(refused) > 0 {
		t.Errorf("refused: %s", strings.Join(refused, "\n"))
	}
	s.serve()
	u := s.as("reader")
	u.must(u.kpm, "update")
	var asked, found int
	for _, e := range list {
		if hits := u.hits(e.Name); len(hits) == 0 || hits[0] != e.Name {
			t.Errorf("searching %s finds %v", e.Name, hits)
		}
		for _, typo := range typos(e.Name) {
			asked++
			if slices.Contains(u.hits(typo), e.Name) {
				found++
			}
		}
	}
	t.Logf("%d of %d typos find the right name in the top 3 (%.1f %%)", found, asked, 100*float64(found)/float64(asked))
	if found*100 < asked*97 {
		t.Errorf("%d of %d is below 97 %%", found, asked)
	}
}

func (s *stage) hits(words string) []string {
	s.t.Helper()
	hits := strings.Fields(s.must(s.kpm, "search", words, "-o", "name", "--limit", "3").out)
	return hits[:min(3, len(hits))]
}

// typos swaps two letters in the middle of a name, and drops one; short names
// have no typo that could be told from another name.
func typos(name string) []string {
	if len(name) < 5 {
		return nil
	}
	i := len(name) / 2
	b := []byte(name)
	var out []string
	if b[i] != b[i-1] && b[i] != '-' && b[i-1] != '-' {
		b[i], b[i-1] = b[i-1], b[i]
		out = append(out, string(b))
	}
	if name[i] != '-' {
		out = append(out, name[:i]+name[i+1:])
	}
	return out
}

func oneLine(s string) string { return strings.Join(strings.Fields(plain(s)), " ") }

// plain drops what K3.yaml does not allow.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' || r == 0x7f || r >= 0x200b && r <= 0x200f || r == 0xfeff {
			return -1
		}
		return r
	}, s)
}
