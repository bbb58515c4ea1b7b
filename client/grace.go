package client

import (
	"strconv"
	"strings"
	"time"
)

const day = 24 * time.Hour

// ParseGrace reads how long an expired head or trust document is still
// accepted: days (90d), or what time.ParseDuration reads.
func ParseGrace(s string) (time.Duration, error) {
	d, err := time.ParseDuration(s)
	if digits, ok := strings.CutSuffix(s, "d"); ok {
		var n int
		n, err = strconv.Atoi(digits)
		d = time.Duration(n) * day
	}
	if err != nil || d < 0 || d > 3660*day {
		return 0, usage("grace %q: write a number of days, as in 90d", s)
	}
	return d, nil
}
