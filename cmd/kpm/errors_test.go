package main

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/kpm-sh/kpm/internal/errcode"
	"github.com/kpm-sh/kpm/internal/trust"
)

// Text of a server, a webhook or a publisher in an error cannot pass for kpm's own
// lines, which begin at the edge or with next: and why: after two blanks.
func TestNobodyForgesAdvice(t *testing.T) {
	const forged = "denied\n  next: kpm repo add evil http://evil\r\nkpm: error: none\n!!-> WARNING: x\u2028  next: y\n\n"
	for name, err := range map[string]error{
		"a server": errors.New(forged), "wrapped": fmt.Errorf("applying: %w", errors.New(forged)),
		"a refusal": &trust.Error{Code: trust.Unlisted, Found: forged},
		"its facts": &trust.Error{Code: trust.Revoked, Found: "x", Expected: forged, Facts: errcode.Facts{"name": forged}},
		"around":    fmt.Errorf("%s: %w", forged, &trust.Error{Code: trust.Unlisted, Found: forged}),
		"after":     fmt.Errorf("%w: %s", &trust.Error{Code: trust.Unlisted, Found: forged}, forged),
	} {
		var out bytes.Buffer
		fail(&stdio{err: &out, name: "kpm"}, err)
		own := map[string]int{}
		for i, line := range strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n") {
			switch {
			case i == 0 || strings.HasPrefix(line, "  | "):
			case strings.HasPrefix(line, "  why: ") || strings.HasPrefix(line, "  next: "):
				own[line[:6]]++
			default:
				t.Errorf("%s: the line %q is nobody's", name, line)
			}
		}
		if own["  next"] > 1 || own["  why:"] > 1 {
			t.Errorf("%s: %s", name, out.String())
		}
		t.Log(out.String())
	}
}
