package admit

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
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

var zoneForm = regexp.MustCompile(`^[A-Za-z][-+_A-Za-z0-9]*(/[-+_A-Za-z0-9]+)*$`)

// zoneAreas are the first parts of all names of zones that have more than one.
var zoneAreas = strings.Fields("Africa America Antarctica Arctic Asia Atlantic Australia Brazil Canada Chile Etc Europe Indian Mexico Pacific US posix right SystemV")

func timezone(s string) string {
	area, _, place := strings.Cut(s, "/")
	if place && !slices.Contains(zoneAreas, area) || strings.EqualFold(s, "local") || len(s) > 64 || !zoneForm.MatchString(s) {
		return fmt.Sprintf("is %s: name a time zone such as Etc/UTC", short(s))
	}
	return ""
}
