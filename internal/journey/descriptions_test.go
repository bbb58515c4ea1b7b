package journey

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kpm-sh/kpm/client/repos"
	"github.com/kpm-sh/kpm/internal/home"
	"github.com/kpm-sh/kpm/internal/sharedtest"
)

// TestDescriptions makes Kubes of 402 names and descriptions by 400 authors:
// the exact name comes first for all, and with two letters swapped or one
// dropped the right one is in the top 3 for at least 97 %. The client is asked in the home
// that kpm filled, and for some names kpm as well, which says the same.
func TestDescriptions(t *testing.T) {
	t.Parallel()
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
	at := home.Home{Dir: u.home()}
	catalogs := &repos.Set{Options: repos.Options{Home: at, Now: time.Now}}
	var asked, found int
	for i, e := range list {
		words := append([]string{e.Name}, typos(e.Name)...)
		for _, typo := range words[1:] {
			asked++
			if slices.Contains(hits(t, catalogs, typo), e.Name) {
				found++
			}
		}
		if first := hits(t, catalogs, e.Name); len(first) == 0 || first[0] != e.Name {
			t.Errorf("searching %s finds %v", e.Name, first)
		}
		if i%40 == 0 {
			u.prints(catalogs, words)
		}
	}
	t.Logf("%d of %d typos find the right name in the top 3 (%.1f %%)", found, asked, 100*float64(found)/float64(asked))
	if found*100 < asked*97 {
		t.Errorf("%d of %d is below 97 %%", found, asked)
	}
}

// hits are the names of the first three that are found.
func hits(t *testing.T, catalogs *repos.Set, words string) []string {
	t.Helper()
	found, err := catalogs.Search(t.Context(), "", words, 3)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, h := range found.Hits {
		names = append(names, h.Name)
	}
	return names
}

// prints compares what kpm search finds with what the client does.
func (s *stage) prints(catalogs *repos.Set, words []string) {
	s.t.Helper()
	for _, word := range words {
		printed := strings.Fields(s.must(s.kpm, "search", word, "-o", "name", "--limit", "3").out)
		if diff := cmp.Diff(hits(s.t, catalogs, word), printed); diff != "" {
			s.t.Errorf("kpm search %s (-client +kpm):\n%s", word, diff)
		}
	}
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
