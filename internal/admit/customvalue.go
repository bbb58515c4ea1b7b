package admit

import (
	"encoding/base64"
	"math"
	"math/big"
	"net/mail"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/lazyregexp"
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

var (
	hostName = lazyregexp.New(`^[0-9\p{S}\p{L}][-.0-9\p{S}\p{L}]*$`) // what else servers refuse is not held here
	mac      = lazyregexp.New(`^[0-9a-fA-F]{2}([-:.]?[0-9a-fA-F]{2})+$`)
	uuid     = lazyregexp.New(`(?i)^[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}$`)
)

// formats are those of the formats of schemas that are held here.
var formats = map[string]func(string) string{
	"ipv4": func(s string) string {
		a, err := netip.ParseAddr(s)
		return unless(err == nil && (a.Is4() || a.Is4In6()), s, "an IPv4 address")
	},
	"ipv6": func(s string) string {
		a, err := netip.ParseAddr(s)
		return unless(err == nil && a.Is6(), s, "an IPv6 address")
	},
	"cidr": cidr,
	"date-time": func(s string) string {
		_, err := time.Parse(time.RFC3339, s)
		return unless(err == nil, s, "a time such as 2026-11-28T12:00:00Z")
	},
	"date": func(s string) string {
		_, err := time.Parse(time.DateOnly, s)
		return unless(err == nil, s, "a day such as 2026-11-28")
	},
	"hostname": func(s string) string {
		return unless(hostName().MatchString(s) && !strings.Contains(s, ".."), s, "the name of a host")
	},
	"uuid": func(s string) string {
		return unless(uuid().MatchString(s), s, "a UUID")
	},
	"uri": func(s string) string {
		_, err := url.ParseRequestURI(s)
		return unless(err == nil, s, "a URI such as https://example.org/, or a path")
	},
	"email": func(s string) string {
		_, err := mail.ParseAddress(s)
		return unless(err == nil, s, "an address of mail such as a@example.org")
	},
	"hexcolor": func(s string) string {
		digits := strings.TrimPrefix(s, "#")
		return unless((len(digits) == 3 || len(digits) == 6) && strings.Trim(digits, "0123456789abcdefABCDEF") == "", s, "a colour such as #ff8800")
	},
	"mac": func(s string) string {
		return unless(mac().MatchString(s), s, "a MAC address")
	},
	"byte": func(s string) string {
		_, err := base64.StdEncoding.DecodeString(s)
		return unless(err == nil, s, "base64")
	},
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
