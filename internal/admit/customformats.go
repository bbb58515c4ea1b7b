package admit

import (
	"encoding/hex"
	"net/mail"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/kpm-sh/kpm/internal/lazyregexp"
)

var (
	uuid  = lazyregexp.New(`(?i)^[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}$`)
	uuid3 = lazyregexp.New(`(?i)^[0-9a-f]{8}-?[0-9a-f]{4}-?3[0-9a-f]{3}-?[0-9a-f]{4}-?[0-9a-f]{12}$`)
	uuid4 = lazyregexp.New(`(?i)^[0-9a-f]{8}-?[0-9a-f]{4}-?4[0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}$`)
	uuid5 = lazyregexp.New(`(?i)^[0-9a-f]{8}-?[0-9a-f]{4}-?5[0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}$`)
	clock = lazyregexp.New(`^([01][0-9]|2[0-3])(:[0-5][0-9]){2}(.[0-9]+)?(z|[-+][0-9]{2}:[0-9]{2})$`)
	spans = lazyregexp.New(`([0-9]+)\s*([A-Za-zµ]+)`)
)

// formats are those of the formats of texts that servers hold, by their names without
// dashes, which servers do not look at
// (k8s.io/apiextensions-apiserver, pkg/apiserver/validation/formats.go). Beside them there
// is password, which is any text, but a format all the same.
var formats = map[string]func(string) string{
	"bsonobjectid": func(s string) string {
		id, err := hex.DecodeString(s)
		return unless(err == nil && len(id) == 12, s, "24 hexadecimal digits")
	},
	"byte": func(s string) string {
		return unless(paddedBase64(s), s, "base64, and not empty")
	},
	"cidr":       cidr,
	"creditcard": func(s string) string { return unless(card(s), s, "the number of a credit card") },
	"date": func(s string) string {
		return unless(day(s), s, "a day such as 2026-11-28")
	},
	"datetime": dateTime,
	"duration": duration,
	"email": func(s string) string {
		a, err := mail.ParseAddress(s)
		return unless(err == nil && a.Address != "", s, "an address of mail such as a@example.org")
	},
	"hexcolor": func(s string) string {
		digits := strings.TrimPrefix(s, "#")
		return unless((len(digits) == 3 || len(digits) == 6) && strings.Trim(digits, "0123456789abcdefABCDEF") == "", s, "a colour such as #ff8800")
	},
	"hostname": func(s string) string {
		return unless(hostName(s), s, "the name of a host such as web1 or web-1.example.org")
	},
	"ipv4": func(s string) string {
		_, ok := address(s)
		return unless(ok && strings.Contains(s, "."), s, "an IPv4 address")
	},
	"ipv6": func(s string) string {
		a, err := netip.ParseAddr(s)
		return unless(err == nil && a.Is6() && a.Zone() == "", s, "an IPv6 address")
	},
	"isbn":         func(s string) string { return unless(isbn10(s) || isbn13(s), s, "the ISBN of a book") },
	"isbn10":       func(s string) string { return unless(isbn10(s), s, "an ISBN of 10 digits") },
	"isbn13":       func(s string) string { return unless(isbn13(s), s, "an ISBN of 13 digits") },
	"k8slongname":  func(s string) string { return unless(subdomain.says(s) == "" && s != "", s, longName) },
	"k8sshortname": func(s string) string { return unless(label.says(s) == "" && s != "", s, shortName) },
	"mac":          func(s string) string { return unless(mac(s), s, "a MAC address") },
	"password":     func(string) string { return "" },
	"rgbcolor":     func(s string) string { return unless(rgb(s), s, "a colour such as rgb(255,136,0)") },
	"ssn":          func(s string) string { return unless(ssn(s), s, "a social security number such as 219-09-9999") },
	"uri": func(s string) string {
		_, err := url.ParseRequestURI(s)
		return unless(err == nil, s, "a URI such as https://example.org/, or a path")
	},
	"uuid":  func(s string) string { return unless(uuid().MatchString(s), s, "a UUID") },
	"uuid3": func(s string) string { return unless(uuid3().MatchString(s), s, "a UUID of version 3") },
	"uuid4": func(s string) string { return unless(uuid4().MatchString(s), s, "a UUID of version 4") },
	"uuid5": func(s string) string { return unless(uuid5().MatchString(s), s, "a UUID of version 5") },
}

const (
	shortName = "at most 63 lower-case letters, digits and dashes, with a letter or digit at both ends"
	longName  = "at most 253 lower-case letters, digits, dashes and dots, with a letter or digit at both ends of what is between dots"
)

// formatOf is the format of a schema as formats has it, and "" where servers know none.
func formatOf(schema object) string {
	name := strings.ReplaceAll(schema.text("format"), "-", "")
	if formats[name] == nil {
		return ""
	}
	return name
}

// formatted holds a text to the format of its schema.
func (s *schemaWalker) formatted(at *path, v string, schema object) {
	name := formatOf(schema)
	if name == "" {
		return
	}
	if text := formats[name](v); text != "" {
		s.since(s.formatSince(name), at, Format, "%s", text)
	}
}

// formatSince is the minor version from which on servers hold a format. In defaults they
// hold all that their library knows.
func (s *schemaWalker) formatSince(name string) int {
	switch {
	case !strings.HasPrefix(name, "k8s"):
		return 0
	case s.bare:
		return namesInDefaults
	}
	return namesOfKubernetes
}

// untyped tells whether a schema whose type is another takes a text or a list as a default:
// where it has a format, even one that they do not know, servers leave texts to that, and
// lists to nobody. In custom resources, too; but server-side apply refuses these before.
func (s *schemaWalker) untyped(v any, schema object) bool {
	kind := schema.text("type")
	return s.bare && kind != "integer" && kind != "number" && schema.text("format") != "" && textOrList(v)
}

// texts refuses of a schema with a format and without a type what is neither a text nor a
// list.
func (s *schemaWalker) texts(at *path, v any, schema object) bool {
	name := formatOf(schema)
	held := name != "" || s.bare && schema.text("format") != ""
	if !held || schema.text("type") != "" || textOrList(v) {
		return true
	}
	s.since(s.formatSince(name), at, Type, "is %s, and has to be a text: its definition has format %s, and no type", called(v), schema.text("format"))
	return false
}

func textOrList(v any) bool {
	_, text := v.(string)
	_, list := v.([]any)
	return text || list
}

// paddedBase64 tells whether a text is base64 in whole groups of four, without line breaks.
func paddedBase64(s string) bool {
	digits := strings.TrimRight(s, "=")
	odd := strings.ContainsFunc(digits, func(r rune) bool {
		return r > unicode.MaxASCII || r != '+' && r != '/' && !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
	return digits != "" && len(s)%4 == 0 && len(s)-len(digits) <= 2 && !odd
}

func day(s string) bool {
	_, err := time.Parse(time.DateOnly, s)
	return err == nil
}

// dateTime wants a day and a time of it with a zone. What comes after another t servers do
// not read.
func dateTime(s string) string {
	parts := strings.Split(strings.ToLower(s), "t")
	return unless(len(parts) > 1 && day(parts[0]) && clock().MatchString(parts[1]), s, "a time such as 2026-11-28T12:00:00Z")
}

// timeUnits are those of durations: the last of each may go on, as in minutes.
var timeUnits = [][]string{{"ns", "nano"}, {"us", "µs", "micro"}, {"ms", "milli"}, {"s", "sec"}, {"m", "min"}, {"h", "hr", "hour"}, {"d", "day"}, {"w", "wk", "week"}}

// duration is what servers take for one: Go's, or some number with a unit, where none that
// stands before a word is too large (k8s.io/kube-openapi, pkg/validation/strfmt).
func duration(s string) string {
	if _, err := time.ParseDuration(s); err == nil {
		return ""
	}
	some := false
	for _, m := range spans().FindAllStringSubmatch(s, -1) {
		if _, err := strconv.ParseInt(m[1], 10, 64); err != nil {
			return unless(false, s, "a duration such as 90s, in smaller numbers")
		}
		unit := strings.ToLower(m[2])
		some = some || slices.ContainsFunc(timeUnits, func(names []string) bool {
			return slices.Contains(names, unit) || strings.HasPrefix(unit, names[len(names)-1])
		})
	}
	return unless(some, s, "a duration such as 90s")
}

// hostName tells whether servers take a name for one of a host. Alone it may have a dash
// after its first letter, and nowhere else; as a domain it may have dashes inside of all
// labels but the last, which is of letters.
func hostName(s string) bool {
	if len(s) > 255 {
		return false
	}
	labels := strings.Split(s, ".")
	for _, l := range labels {
		if _, n := utf8.DecodeRuneInString(l); n == 0 || len(l) > 63 || strings.ContainsFunc(l[:n], notOfHost) {
			return false
		}
	}
	last := labels[len(labels)-1]
	_, n := utf8.DecodeRuneInString(last)
	if len(labels) == 1 {
		return !strings.ContainsFunc(strings.TrimPrefix(last[n:], "-"), notOfHost)
	}
	for _, l := range labels[:len(labels)-1] {
		if strings.HasSuffix(l, "-") || strings.ContainsFunc(strings.ReplaceAll(l, "-", ""), notOfHost) {
			return false
		}
	}
	return last[n:] != "" && !strings.ContainsFunc(last, func(r rune) bool { return !unicode.IsLetter(r) })
}

// notOfHost tells whether a character may not be anywhere in a label, as digits may, and
// letters and symbols of all scripts.
func notOfHost(r rune) bool {
	return (r < '0' || r > '9') && !unicode.IsLetter(r) && !unicode.IsSymbol(r)
}

// mac tells whether a text is 6, 8 or 20 bytes, one by one with colons or dashes between
// them, or in pairs with dots. Servers built with Go 1.27 take them without anything between,
// too.
func mac(s string) bool {
	ofBytes := func(p string, most int) bool {
		b, err := hex.DecodeString(p)
		return err == nil && len(b) == most
	}
	for _, n := range []int{6, 8, 20} {
		apart := func(between string, size int) bool {
			parts := strings.Split(s, between)
			return len(parts)*size == n && !slices.ContainsFunc(parts, func(p string) bool { return !ofBytes(p, size) })
		}
		if apart(":", 1) || apart("-", 1) || apart(".", 2) || ofBytes(s, n) {
			return true
		}
	}
	return false
}
