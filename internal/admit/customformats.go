package admit

import (
	"encoding/base64"
	"net/mail"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/kpm-sh/kpm/internal/lazyregexp"
)

var (
	hostName = lazyregexp.New(`^[0-9\p{S}\p{L}][-.0-9\p{S}\p{L}]*$`) // what else servers refuse is not held here
	mac      = lazyregexp.New(`^[0-9a-fA-F]{2}([-:.]?[0-9a-fA-F]{2})+$`)
	uuid     = lazyregexp.New(`(?i)^[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}$`)
	uuid3    = lazyregexp.New(`(?i)^[0-9a-f]{8}-?[0-9a-f]{4}-?3[0-9a-f]{3}-?[0-9a-f]{4}-?[0-9a-f]{12}$`)
	uuid4    = lazyregexp.New(`(?i)^[0-9a-f]{8}-?[0-9a-f]{4}-?4[0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}$`)
	uuid5    = lazyregexp.New(`(?i)^[0-9a-f]{8}-?[0-9a-f]{4}-?5[0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}$`)
	spans    = lazyregexp.New(`[0-9]+\s*([A-Za-zµ]+)`)
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
	"cidr":      cidr,
	"date-time": dateTime,
	"datetime":  dateTime,
	"duration":  duration,
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
	"uuid3": func(s string) string { return unless(uuid3().MatchString(s), s, "a UUID of version 3") },
	"uuid4": func(s string) string { return unless(uuid4().MatchString(s), s, "a UUID of version 4") },
	"uuid5": func(s string) string { return unless(uuid5().MatchString(s), s, "a UUID of version 5") },
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

func dateTime(s string) string {
	_, err := time.Parse(time.RFC3339, s)
	return unless(err == nil, s, "a time such as 2026-11-28T12:00:00Z")
}

// timeUnits are those of durations: the last of each may go on, as in minutes.
var timeUnits = [][]string{{"ns", "nano"}, {"us", "µs", "micro"}, {"ms", "milli"}, {"s", "sec"}, {"m", "min"}, {"h", "hr", "hour"}, {"d", "day"}, {"w", "wk", "week"}}

// duration is what servers take for one: Go's, or some number with a unit
// (k8s.io/kube-openapi, pkg/validation/strfmt).
func duration(s string) string {
	if _, err := time.ParseDuration(s); err == nil {
		return ""
	}
	for _, m := range spans().FindAllStringSubmatch(s, -1) {
		unit := strings.ToLower(m[1])
		for _, names := range timeUnits {
			if slices.Contains(names, unit) || strings.HasPrefix(unit, names[len(names)-1]) {
				return ""
			}
		}
	}
	return unless(false, s, "a duration such as 90s")
}
