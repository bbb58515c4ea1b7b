package search_test

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/search"
)

// line is the line of a record, as a segment would hold it.
func line(t testing.TB, r index.Record) index.Line {
	t.Helper()
	raw, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	l := index.Line{Raw: raw}
	if err := index.Decode(raw, &l.Record); err != nil {
		t.Fatal(err)
	}
	return l
}

// kube is a line with a name, a revision and a description.
func kube(t testing.TB, name string, rev int64, description string) index.Line {
	t.Helper()
	return line(t, index.Record{Name: name, Rev: rev, Version: fmt.Sprintf("%d.0.0", rev), Description: description})
}

func each(lines []index.Line) iter.Seq2[index.Line, error] {
	return func(yield func(index.Line, error) bool) {
		for _, l := range lines {
			if !yield(l, nil) {
				return
			}
		}
	}
}

// update runs do as the store's writer.
func update(t testing.TB, s search.Store, do func(w *search.Writer) error) error {
	t.Helper()
	w, err := s.Lock(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer w.Unlock()
	return do(w)
}

func replace(t testing.TB, s search.Store, state string, lines ...index.Line) {
	t.Helper()
	err := update(t, s, func(w *search.Writer) error {
		return w.Replace(context.Background(), each(lines), []byte(state))
	})
	if err != nil {
		t.Fatal(err)
	}
}

func apply(t testing.TB, s search.Store, state string, changed ...index.Line) {
	t.Helper()
	err := update(t, s, func(w *search.Writer) error {
		return w.Apply(context.Background(), changed, []byte(state))
	})
	if err != nil {
		t.Fatal(err)
	}
}

// soak is how often something is tried: more often under KPM_SOAK.
func soak(usual, many int) int {
	if os.Getenv("KPM_SOAK") != "" {
		return many
	}
	return usual
}

// copyOf is a store with the same files.
func copyOf(t testing.TB, s search.Store) search.Store {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(s.Dir)); err != nil {
		t.Fatal(err)
	}
	return search.Store{Dir: dir}
}

func open(t testing.TB, s search.Store) *search.Catalog {
	t.Helper()
	cat, err := s.Open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cat.Close() })
	return cat
}

// catalog is a fresh catalog of lines.
func catalog(t testing.TB, lines ...index.Line) *search.Catalog {
	t.Helper()
	s := search.Store{Dir: t.TempDir()}
	replace(t, s, "{}", lines...)
	return open(t, s)
}

func find(t testing.TB, cat *search.Catalog, pattern string, limit int) search.Result {
	t.Helper()
	res, err := cat.Search(context.Background(), pattern, limit)
	if err != nil {
		t.Fatalf("Search(%q): %v", pattern, err)
	}
	return res
}

func names(res search.Result) string {
	var list []string
	for _, h := range res.Hits {
		list = append(list, h.Name)
	}
	return strings.Join(list, " ")
}

// generated makes n lines of about 800 bytes.
func generated(t testing.TB, n int) []index.Line {
	t.Helper()
	return prose(t, n, 60)
}

// prose makes n lines whose words have the frequencies of prose, and so many of
// them in its details; the same numbers give the same lines.
func prose(t testing.TB, n, details int) []index.Line {
	t.Helper()
	r := rand.New(rand.NewPCG(1, uint64(n)))
	zipf := rand.NewZipf(r, 1.1, 8, 30_000)
	text := func(words int) string {
		var b strings.Builder
		for range words {
			fmt.Fprintf(&b, "%s ", word(zipf.Uint64()))
		}
		return strings.TrimSpace(b.String())
	}
	lines := make([]index.Line, n)
	for i := range lines {
		lines[i] = line(t, index.Record{
			Name:        fmt.Sprintf("%s-%s-%d", word(zipf.Uint64()), word(zipf.Uint64()), i),
			Rev:         1,
			Version:     fmt.Sprintf("1.%d.0", i%50),
			Description: text(11),
			Details:     text(details),
			Keywords:    strings.Fields(text(4)),
			License:     "Apache-2.0",
			Kinds:       []string{"Deployment", "Service"},
			Images:      []string{"docker.io/library/" + word(zipf.Uint64()) + ":1.2"},
			Maintainers: []string{"Someone <someone@example.org>"},
		})
	}
	return lines
}

// word spells a number in syllables.
func word(n uint64) string {
	var b strings.Builder
	for n += 7; n > 0; n /= 45 {
		b.WriteByte("bdfgklmnprstvwz"[n%15])
		b.WriteByte("aeiou"[n/15%5])
		b.WriteByte("nrs"[n%3])
	}
	return b.String()
}
