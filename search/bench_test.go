package search_test

import (
	"context"
	"testing"

	"github.com/kpm-sh/kpm/search"
)

func BenchmarkReplace(b *testing.B) {
	lines := generated(b, 5000)
	for b.Loop() {
		replace(b, search.Store{Dir: b.TempDir()}, "{}", lines...)
	}
}

func BenchmarkApply(b *testing.B) {
	lines := generated(b, 5000)
	dir := b.TempDir()
	replace(b, search.Store{Dir: dir}, "{}", lines...)
	for b.Loop() {
		apply(b, search.Store{Dir: dir}, "{}", lines[:20]...)
	}
}

func BenchmarkSearch(b *testing.B) {
	s := search.Store{Dir: b.TempDir()}
	lines := generated(b, 5000)
	replace(b, s, "{}", lines...)
	for name, pattern := range map[string]string{
		"name":   lines[7].Name,
		"words":  word(30) + " " + word(40),
		"prefix": word(900) + "*",
		"typo":   lines[7].Name[1:],
		"facet":  "kind:service image:" + word(50),
		"all":    "",
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				cat, err := s.Open()
				if err != nil {
					b.Fatal(err)
				}
				if _, err := cat.Search(context.Background(), pattern, 20); err != nil {
					b.Fatal(err)
				}
				if err := cat.Close(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
