package kube

import (
	"errors"
	"fmt"
	"strings"

	"github.com/Masterminds/semver/v3"
)

// ParseVersion reads a version: SemVer 2 to the letter, without a v, at most
// MaxVersion bytes.
func ParseVersion(s string) (*semver.Version, error) {
	if s == "" {
		return nil, errors.New("version is empty")
	}
	if len(s) > MaxVersion {
		return nil, fmt.Errorf("version has %d characters, more than %d", len(s), MaxVersion)
	}
	v, err := semver.StrictNewVersion(s)
	if err != nil {
		return nil, fmt.Errorf("version %q: %s", s, versionAdvice(s))
	}
	return v, nil
}

func versionAdvice(s string) string {
	bare := strings.TrimLeft(s, "vV= ")
	meant, err := semver.NewVersion(strings.TrimSpace(bare))
	core, _, _ := strings.Cut(bare, "-")
	core, _, _ = strings.Cut(core, "+")
	switch {
	case err != nil:
		return "write MAJOR.MINOR.PATCH, as semver.org has it"
	case strings.Count(core, ".") < 2:
		return fmt.Sprintf("write three numbers, as in %s", meant)
	case bare != s && strings.TrimLeft(s, "vV") == bare:
		return fmt.Sprintf("write %s, without the v", meant)
	default:
		return fmt.Sprintf("write %s", meant)
	}
}

// Newest is the version that a user gets who asks for none: the highest stable
// one, or the highest of all when there is no stable one or pre admits
// pre-releases. It is nil when vs is empty. Yanked versions do not belong in vs.
func Newest(vs []*semver.Version, pre bool) *semver.Version {
	var stable, all *semver.Version
	for _, v := range vs {
		if all == nil || v.GreaterThan(all) {
			all = v
		}
		if v.Prerelease() == "" && (stable == nil || v.GreaterThan(stable)) {
			stable = v
		}
	}
	if pre || stable == nil {
		return all
	}
	return stable
}

// Distinct says why a and b cannot both be releases of one Kube: neither has
// precedence over the other (1.0.0+a and 1.0.0+b), or only case tells their
// files apart (1.0.0-RC1 and 1.0.0-rc1).
func Distinct(a, b *semver.Version) error {
	switch {
	case strings.EqualFold(a.String(), b.String()) && a.String() != b.String():
		return fmt.Errorf("versions %s and %s differ only in case", a, b)
	case a.Compare(b) == 0:
		return fmt.Errorf("versions %s and %s have the same precedence", a, b)
	}
	return nil
}
