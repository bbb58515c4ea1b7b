package kube

import (
	"errors"
	"fmt"
	"strings"

	"github.com/Masterminds/semver/v3"

	"github.com/kpm-sh/kpm/internal/lazyregexp"
)

// Range is a set of versions, kept as its author wrote it. The zero Range is
// that of somebody who asks for nothing: it admits every version.
//
// There are two notations, and || joins alternatives of either:
//
//   - with an x, as in `1.9 < x <= 1.10`, `x >= 1.2` or `1.9 < x`. Missing
//     parts count as 0 at both ends: 1.9.5 and 1.10.0 are in, 1.9.0 and 1.10.3
//     are out;
//   - that of Masterminds/semver: `^1.2`, `~1.9`, `>=1.9, <2`, `1.2 - 1.4`.
//
// Masterminds reads the first notation too, takes x for "any version", and then
// matches nothing; so it never gets to see it.
type Range struct {
	text string
	alts []alternative
}

type alternative struct {
	constraints *semver.Constraints
	pre         []*semver.Version // its ends that are pre-releases
}

// ParseRange reads a range in either notation. The empty string is the zero
// Range.
func ParseRange(s string) (Range, error) {
	if s == "" {
		return Range{}, nil
	}
	if len(s) > MaxRange {
		return Range{}, fmt.Errorf("range has %d characters, more than %d", len(s), MaxRange)
	}
	r := Range{text: s}
	for alt := range strings.SplitSeq(s, "||") {
		a, err := parseAlternative(alt)
		if err != nil {
			return Range{}, fmt.Errorf("range %q: %w", s, err)
		}
		r.alts = append(r.alts, a)
	}
	return r, nil
}

func parseAlternative(s string) (alternative, error) {
	if strings.TrimSpace(s) == "" {
		return alternative{}, errors.New("an alternative is empty")
	}
	if namesX().MatchString(s) {
		var err error
		if s, err = fromX(s); err != nil {
			return alternative{}, err
		}
	}
	c, err := semver.NewConstraint(s)
	if err != nil || strings.Contains(s, "|") {
		return alternative{}, errNotation
	}
	c.IncludePrerelease = true
	a := alternative{constraints: c}
	for _, m := range preEnd().FindAllStringSubmatch(s, -1) {
		if v, err := fill(m[1], m[2]); err == nil {
			a.pre = append(a.pre, v)
		}
	}
	return a, nil
}

// Admits reports whether a release of version v may be chosen. A pre-release
// may only be when an end of the range names one of the same major, minor and
// patch number: who writes >=2.0.0-rc.1 gets 2.0.0-rc.2 and 2.1.0, but not
// 2.1.0-rc.1.
func (r Range) Admits(v *semver.Version) bool {
	if len(r.alts) == 0 {
		return v.Prerelease() == ""
	}
	for _, a := range r.alts {
		if a.constraints.Check(v) && (v.Prerelease() == "" || a.namesPre(v)) {
			return true
		}
	}
	return false
}

func (a alternative) namesPre(v *semver.Version) bool {
	for _, p := range a.pre {
		if p.Major() == v.Major() && p.Minor() == v.Minor() && p.Patch() == v.Patch() {
			return true
		}
	}
	return false
}

// AdmitsInstalled reports whether v lies in the range by the order of SemVer
// alone: what is there is there, pre-release or not. ^ and ~ want the same
// leading numbers.
func (r Range) AdmitsInstalled(v *semver.Version) bool {
	if len(r.alts) == 0 {
		return true
	}
	for _, a := range r.alts {
		if a.constraints.Check(v) {
			return true
		}
	}
	return false
}

// AdmitsServer reports whether a Kubernetes server may be of the version that
// it tells, with or without a v. Only its numbers count: v1.36.3-gke.1348000 is
// 1.36.3.
func (r Range) AdmitsServer(version string) (bool, error) {
	m := serverVersion().FindStringSubmatch(version)
	if m == nil {
		return false, fmt.Errorf("server version %q has no numbers", version)
	}
	v, err := fill(m[1], "")
	if err != nil {
		return false, fmt.Errorf("server version %q: %w", version, err)
	}
	return r.AdmitsInstalled(v), nil
}

// String is the range as its author wrote it.
func (r Range) String() string {
	return r.text
}

// IsZero reports whether r admits everything because nothing was asked for.
func (r Range) IsZero() bool {
	return r.text == ""
}

// Equal reports whether both were written alike.
func (r Range) Equal(o Range) bool {
	return r.text == o.text
}

var (
	preEnd        = lazyregexp.New(`(?:^|[\s,<>=~^!v])(\d+(?:\.\d+){0,2})-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)`)
	serverVersion = lazyregexp.New(`^v?(\d+\.\d+(?:\.\d+)?)`)
)
