package admit

import (
	"math"
	"math/big"
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
	if says, ok := formats[schema.text("format")]; ok {
		if text := says(v); text != "" {
			s.add(at, Format, "%s", text)
		}
	}
}

func (s *schemaWalker) number(at *path, v any, schema object) {
	n, _ := amount(v)
	if n == nil {
		return
	}
	s.bound(at, v, n, schema, "minimum", "exclusiveMinimum", -1, "at least", "more than")
	s.bound(at, v, n, schema, "maximum", "exclusiveMaximum", 1, "at most", "less than")
	if by, ok := amount(schema["multipleOf"]); ok && by.Sign() > 0 && !new(big.Rat).Quo(n, by).IsInt() {
		s.add(at, Range, "is %v, and has to be a multiple of %v", v, schema["multipleOf"])
	}
	if i, ok := whole(v); ok && schema.text("format") == "int32" && (i < math.MinInt32 || i > math.MaxInt32) {
		s.add(at, Range, "is %v, and has to fit 32 bits", v)
	}
}

// bound holds a number to one of its bounds; beyond is on which side it is wrong.
func (s *schemaWalker) bound(at *path, v any, n *big.Rat, schema object, bound, exclusive string, beyond int, within, strictly string) {
	end, ok := amount(schema[bound])
	if !ok {
		return
	}
	strict := schema.is(exclusive)
	if c := n.Cmp(end); c == beyond || c == 0 && strict {
		s.add(at, Range, "is %v, and has to be %s %v", v, map[bool]string{true: strictly, false: within}[strict], schema[bound])
	}
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
