package admit

import (
	"regexp"
	"slices"
	"sync"
	"unicode/utf8"

	"github.com/kpm-sh/kpm/internal/kube"
)

// patterns are those of definitions, compiled once; nil for one that is none.
var patterns sync.Map

func compiled(pattern string) *regexp.Regexp {
	if re, ok := patterns.Load(pattern); ok {
		return re.(*regexp.Regexp)
	}
	re, err := regexp.Compile(pattern)
	if err != nil {
		re = nil
	}
	patterns.Store(pattern, re)
	return re
}

func (s *schemaWalker) text(at *path, v string, schema object) {
	if p := schema.text("pattern"); p != "" {
		if re := compiled(p); re != nil && !re.MatchString(v) {
			s.add(at, Format, "is %s, and has to match %s", short(v), p)
		}
	}
	s.sized(at, utf8.RuneCountInString(v), schema, "minLength", "maxLength", "characters")
	s.formatted(at, v, schema)
}

// nearest is the word that was probably meant, if one is near.
func nearest(key string, words []string) string {
	if len(key) > kube.MaxName {
		return ""
	}
	words = slices.DeleteFunc(words, func(w string) bool { return len(w) > kube.MaxName })
	near, edits := kube.Nearest(key, words)
	if edits < 0 || edits > max(2, len(key)/3) {
		return ""
	}
	return near
}
