package lint

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"

	"github.com/kpm-sh/kpm/internal/kube"
)

// waiver is a comment that keeps a rule from warning, with its reason:
//
//	# kpm:allow RULE: REASON
//
// In a manifest it counts for the object of the document that it stands in, in K3.yaml
// for the whole Kube.
var waiver = regexp.MustCompile(`(?m)^.*#\s*kpm:allow\b[ \t]*([^\s:]*)[ \t]*:?[ \t]*(.*?)[ \t]*\r?$`)

// span is where a rule is waived.
type span struct {
	rule        string
	first, last int
}

// readWaivers reads the waivers of a file, and refuses those of no rule or without a reason.
func readWaivers(path string, data []byte) ([]span, kube.Problems) {
	var spans []span
	var ps kube.Problems
	if !bytes.Contains(data, []byte("kpm:allow")) {
		return nil, nil
	}
	for _, m := range waiver.FindAllSubmatchIndex(data, -1) {
		line := 1 + bytes.Count(data[:m[0]], []byte("\n"))
		rule, reason := string(data[m[2]:m[3]]), string(data[m[4]:m[5]])
		r, ok := find(rule)
		switch {
		case !ok:
			ps = append(ps, kube.Problem{Path: path, Line: line, Message: fmt.Sprintf("kpm:allow names %q, which is no rule%s", rule, nearRule(rule))})
		case !r.Warning:
			ps = append(ps, kube.Problem{Path: path, Line: line, Message: fmt.Sprintf("kpm:allow names %s, and servers refuse what it finds", rule)})
		case reason == "":
			ps = append(ps, kube.Problem{Path: path, Line: line, Message: fmt.Sprintf("kpm:allow %s has no reason: write it after a colon", rule)})
		default:
			first, last := document(data, m[0])
			spans = append(spans, span{rule, first, last})
		}
	}
	return spans, ps
}

func nearRule(name string) string {
	var names []string
	for _, r := range rules {
		if r.Warning {
			names = append(names, r.Name)
		}
	}
	if near, edits := kube.Nearest(name, names); edits <= max(2, len(name)/3) {
		return "; the nearest is " + near
	}
	return ""
}

// document are the first and last line of the document that has the byte at.
func document(data []byte, at int) (first, last int) {
	first, last = 1, 1+bytes.Count(data, []byte("\n"))
	line, offset := 0, 0
	for text := range bytes.Lines(data) {
		line++
		if bytes.HasPrefix(text, []byte("---")) {
			if offset > at {
				return first, line - 1
			}
			first = line
		}
		offset += len(text)
	}
	return first, last
}

// waived leaves out the warnings that are waived.
func (s *scene) waived(ps kube.Problems) kube.Problems {
	var out kube.Problems
	for _, p := range ps {
		if !p.Warning || !s.waives(p) {
			out = append(out, p)
		}
	}
	return out
}

func (s *scene) waives(p kube.Problem) bool {
	return slices.ContainsFunc(s.spans(kube.MetaPath), func(w span) bool { return w.rule == p.Rule }) ||
		slices.ContainsFunc(s.spans(p.Path), func(w span) bool { return w.rule == p.Rule && w.first <= p.Line && p.Line <= w.last })
}

// spans are the waivers of a file, read once.
func (s *scene) spans(path string) []span {
	known, ok := s.waivers[path]
	if !ok {
		known, _ = readWaivers(path, s.text(path)) //nolint:errcheck // what is wrong with them is told of the Kube
		s.waivers[path] = known
	}
	return known
}
