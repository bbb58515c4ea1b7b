package main

import (
	"fmt"
	"time"

	"github.com/kpm-sh/kpm/internal/words"
)

// size says a number of bytes as people read it.
func size(n int64) string {
	switch {
	case n < 1000:
		return words.Count(n, "byte")
	case n < 1000*1000:
		return fmt.Sprintf("%.1f KB", float64(n)/1000)
	}
	return fmt.Sprintf("%.1f MB", float64(n)/1000/1000)
}

// ago says how long ago t was.
func ago(now, t time.Time) string {
	d := now.Sub(t)
	switch {
	case d < time.Minute:
		return "just now"
	case d < 2*time.Hour:
		return words.Count(d/time.Minute, "minute") + " ago"
	case d < 48*time.Hour:
		return words.Count(d/time.Hour, "hour") + " ago"
	}
	return words.Count(d/(24*time.Hour), "day") + " ago"
}

// until says how long it is to t.
func until(now, t time.Time) string {
	d := t.Sub(now)
	switch {
	case d < 0:
		return "expired " + ago(now, t)
	case d < 48*time.Hour:
		return "in " + words.Count(d/time.Hour, "hour")
	}
	return "in " + words.Count(d/(24*time.Hour), "day")
}

// date is a day as the month's first letters, with a stop where they are not
// the whole name: Oct. 21, 2015, and May 3, 2026.
// No time has no date.
func date(t time.Time) string {
	t = t.UTC()
	if t.IsZero() {
		return ""
	}
	if t.Month() == time.May {
		return t.Format("Jan 2, 2006")
	}
	return t.Format("Jan. 2, 2006")
}
