package indexer

import (
	"cmp"
	"fmt"

	"github.com/Masterminds/semver/v3"

	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/yamlnode"
)

// The rules of releases: which version a folder may publish, whether it may be
// taken away, and which releases may be marked.

// refusal is why a Kube cannot be published as it is. Another Kube may.
type refusal struct{ kube.Problems }

func refuse(path, format string, args ...any) error {
	return refusal{kube.Problems{{Path: path, Message: fmt.Sprintf(format, args...)}}}
}

// version refuses the version of a folder, at the line that says it.
func (f folder) version(format string, args ...any) kube.Problem {
	data, _ := f.kube.File(kube.MetaPath)
	return kube.Problem{Path: f.name + "/" + kube.MetaPath, Line: yamlnode.Line(data, "version"), Message: fmt.Sprintf(format, args...)}
}

// mark refuses what releases.yaml says on a line.
func (f folder) mark(line int, format string, args ...any) kube.Problem {
	return kube.Problem{Path: f.name + "/" + kube.ReleasesPath, Line: line, Message: fmt.Sprintf(format, args...)}
}

// refuseReused: a version that was published is not published again after it was
// withdrawn, or its Kube taken away.
func refuseReused(f folder, line index.Line, rel index.Release) error {
	switch {
	case line.Gone != "":
		return refusal{kube.Problems{f.version("version %s was published before %s was taken away: give it a new version", rel.Version, f.name)}}
	case rel.Withdrawn != "":
		return refusal{kube.Problems{f.version("version %s was withdrawn (%s): give it a new version", rel.Version, rel.Withdrawn)}}
	}
	return nil
}

// refuseAlike: two versions of a Kube are not told apart by a build number alone.
func refuseAlike(f folder, doc *index.Document) error {
	for _, rel := range doc.Releases {
		if err := distinct(f.kube.Version, rel.Version); err != nil {
			return refusal{kube.Problems{f.version("%v", err)}}
		}
	}
	return nil
}

func distinct(v *semver.Version, published string) error {
	p, err := kube.ParseVersion(published)
	if err != nil {
		return err
	}
	return kube.Distinct(v, p)
}

// refuseLower: a version below one that users get is published only where it continues an
// older line: it is the highest of those with its major and minor number, or, where there
// are none, of those with its major one. Anything else is a slip of the hand, and cannot
// be taken back. What is yanked or revoked holds up nothing.
func refuseLower(f folder, line index.Line, doc *index.Document) error {
	v := f.kube.Version
	var highest, minor, major *semver.Version
	for _, rel := range doc.Releases {
		p, err := kube.ParseVersion(rel.Version)
		if err != nil || line.Gone != "" || rel.Withdrawn != "" || !offers(f.releases, rel.Version) {
			continue
		}
		highest = higher(highest, p)
		if p.Major() == v.Major() {
			major = higher(major, p)
			if p.Minor() == v.Minor() {
				minor = higher(minor, p)
			}
		}
	}
	of := cmp.Or(minor, major)
	if highest == nil || v.GreaterThan(highest) || of != nil && v.GreaterThan(of) {
		return nil
	}
	than := cmp.Or(of, highest)
	return refusal{kube.Problems{f.version("version %s is lower than %s, which is published, and continues no older line: give it a higher version, or yank %s in %s if that was a mistake", v, than, than, kube.ReleasesPath)}}
}

// offers tells whether ranges choose a version, as far as releases.yaml says.
func offers(r kube.Releases, version string) bool {
	_, yanked := r.Yanked[version]
	_, revoked := r.Revoked[version]
	return !yanked && !revoked
}

func higher(a, b *semver.Version) *semver.Version {
	if a == nil || b.GreaterThan(a) {
		return b
	}
	return a
}

// refuseChanged: a version that was published keeps its content. It says what
// differs, if the old one could be had.
func refuseChanged(f folder, rel index.Release, old *kube.Kube, err error) error {
	ps := kube.Problems{f.version("version %s is published with other content: give the Kube a new version", rel.Version)}
	if err != nil {
		ps[0].Message += fmt.Sprintf(" (what differs is not known: %v)", err)
		return refusal{ps}
	}
	if onlyLineEnds(old, f.kube) {
		ps[0].Message = fmt.Sprintf("version %s is published, and only the ends of lines differ: a checkout changed them, so keep git from that "+
			"(a .gitattributes beside the packages folder that says `packages/** -text`, then check out again), or give the Kube a new version", rel.Version)
	}
	return refusal{append(ps, difference(old, f.kube).In(f.name)...)}
}

// warnOfLower: a folder has a version that is lower than the one that users get who name
// none. It may be of an older line; or somebody took back a change, which takes no release
// back.
func warnOfLower(f folder, newest string, released bool) kube.Problems {
	v, err := kube.ParseVersion(newest)
	if err != nil || f.kube == nil || !f.kube.Version.LessThan(v) {
		return nil
	}
	p := f.version("version %s is lower than %s, which stays the one that users get who name none", f.kube.Version, v)
	if !released {
		p.Message = fmt.Sprintf("version %s is published already, and lower than %s, which stays the one that users get who name none: to take that back, yank it in %s", f.kube.Version, v, kube.ReleasesPath)
	}
	p.Warning = true
	return kube.Problems{p}
}
