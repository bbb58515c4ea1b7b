package admit

import (
	_ "embed" // the time zones
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/kpm-sh/kpm/internal/kube"
)

// cronField is one of the five parts of a schedule.
type cronField struct {
	name        string
	least, most int
	words       string // that stand for numbers, from least on, each of three letters
}

var cronFields = []cronField{
	{"minute", 0, 59, ""},
	{"hour", 0, 23, ""},
	{"day of the month", 1, 31, ""},
	{"month", 1, 12, "janfebmaraprmayjunjulaugsepoctnovdec"},
	{"day of the week", 0, 6, "sunmontuewedthufrisat"},
}

// cron is what is wrong with a schedule, as github.com/robfig/cron/v3 reads it for
// the server.
func cron(s string) string {
	if strings.Contains(s, "TZ=") {
		return fmt.Sprintf("is %s: name the time zone in timeZone", short(s))
	}
	if rest, ok := strings.CutPrefix(s, "@"); ok {
		switch {
		case strings.HasPrefix(rest, "every "):
			if _, err := time.ParseDuration(strings.TrimPrefix(rest, "every ")); err != nil {
				return fmt.Sprintf("is %s, and after @every stands a duration such as 1h30m", short(s))
			}
			return ""
		case strings.Contains(" yearly annually monthly weekly daily midnight hourly ", " "+rest+" "):
			return ""
		}
		return fmt.Sprintf("is %s, which is no schedule such as @daily", short(s))
	}
	parts := strings.Fields(s)
	if len(parts) != len(cronFields) {
		return fmt.Sprintf("is %s, of %d parts: a schedule has five (minute, hour, day, month, day of the week)", short(s), len(parts))
	}
	for i, f := range cronFields {
		for item := range strings.SplitSeq(parts[i], ",") {
			if !f.reads(item) {
				return fmt.Sprintf("is %s: %s is no %s from %d to %d", short(s), short(item), f.name, f.least, f.most)
			}
		}
	}
	return ""
}

// reads tells whether a part is *, ?, N, N-M, or one of them by steps.
func (f cronField) reads(item string) bool {
	span, step, stepped := strings.Cut(item, "/")
	if n, err := strconv.Atoi(step); stepped && (err != nil || n < 1) {
		return false
	}
	if span == "*" || span == "?" {
		return true
	}
	from, to, ranged := strings.Cut(span, "-")
	a, ok := f.number(from)
	if !ok {
		return false
	}
	if !ranged {
		return true
	}
	b, ok := f.number(to)
	return ok && a <= b
}

func (f cronField) number(s string) (int, bool) {
	if i := strings.Index(f.words, strings.ToLower(s)); len(s) == 3 && i >= 0 && i%3 == 0 {
		return f.least + i/3, true
	}
	n, err := strconv.Atoi(s)
	return n, err == nil && f.least <= n && n <= f.most
}

// zoneNames are the time zones that Go knows, as servers do: lib/time/zoneinfo.zip.
//
//go:embed zones.txt
var zoneNames string

var zones = sync.OnceValue(func() []string { return strings.Fields(zoneNames) })

func timezone(s string) string {
	if _, known := slices.BinarySearch(zones(), s); known {
		return ""
	}
	if near, edits := kube.Nearest(s, zones()); near != "" && edits*3 <= len(s) {
		return fmt.Sprintf("is %s, which is no time zone; the nearest is %s", short(s), near)
	}
	return fmt.Sprintf("is %s, which is no time zone such as Etc/UTC", short(s))
}
