package lint

import (
	"bytes"
	"fmt"
	"sort"
	"strings"

	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/lazyregexp"
)

// waiver is a comment that keeps a rule from warning, with its reason:
//
//	# kpm:allow RULE: REASON
//
// In a YAML file it counts for the document that it stands in, or above the first of, in
// K3.yaml for the whole Kube. What stands in a text of many lines is that text.
var waiver = lazyregexp.New(`(?m)^.*#\s*kpm:allow\b[ \t]*([^\s:]*)[ \t]*:?[ \t]*(.*?)[ \t]*\r?$`)

// span is where a rule is waived.
type span struct {
	rule        string
	line        int // of the comment
	first, last int
}

// readWaivers reads the waivers of a file, and refuses those of no rule or without a reason.
func readWaivers(path string, data []byte) ([]span, kube.Problems) {
	var spans []span
	var ps kube.Problems
	if !bytes.Contains(data, []byte("kpm:allow")) {
		return nil, nil
	}
	texts, of := blocks(data), documents(data)
	line, counted := 1, 0
	for _, m := range waiver().FindAllSubmatchIndex(data, -1) {
		line, counted = line+bytes.Count(data[counted:m[0]], []byte("\n")), m[0]
		if before, _, _ := bytes.Cut(data[m[0]:m[1]], []byte("kpm:allow")); texts[line] || !isComment(string(before)) {
			continue
		}
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
			for len(of) > 1 && of[0].last < line {
				of = of[1:]
			}
			spans = append(spans, span{rule, line, of[0].first, of[0].last})
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

// documents are the first and last lines of the documents of a file. What stands above a
// line of dashes and is all comments belongs to the document below it.
func documents(data []byte) []span {
	all, line, empty := []span{{first: 1}}, 0, true
	for text := range bytes.Lines(data) {
		line++
		if bytes.HasPrefix(text, []byte("---")) {
			if !empty {
				all[len(all)-1].last = line - 1
				all, empty = append(all, span{first: line}), true
			}
		} else if word := bytes.TrimSpace(text); len(word) > 0 && word[0] != '#' && word[0] != '%' {
			empty = false
		}
	}
	all[len(all)-1].last = line + 1
	return all
}

// opensBlock is the end of a line after which a text of many lines begins, as of "run: |".
var opensBlock = lazyregexp.New(`(^|[:\-\s])[|>][-+1-9]{0,2}[ \t]*(#.*)?\r?$`)

// isComment tells whether a line up to its waiver ends in a comment, and in no quoted text.
func isComment(before string) bool {
	before = strings.TrimSuffix(strings.TrimRight(before, " 	"), "#")
	return (before == "" || strings.HasSuffix(before, " ") || strings.HasSuffix(before, "	") || strings.HasSuffix(before, "#")) &&
		strings.Count(before, `"`)%2 == 0 && strings.Count(before, "'")%2 == 0
}

// blocks are the lines of a YAML file, from 1, that lie in texts of many lines: what is
// indented deeper than the key, or the dash, that the text is of.
func blocks(data []byte) map[int]bool {
	inside, line, in := map[int]bool{}, 0, -1
	for raw := range bytes.Lines(data) {
		line++
		text := strings.TrimRight(string(raw), "\r\n")
		rest := strings.TrimLeft(text, " ")
		at := len(text) - len(rest)
		switch {
		case in >= 0 && (rest == "" || at > in):
			inside[line] = true
			continue
		case strings.HasPrefix(rest, "#"):
			continue
		}
		if in = -1; opensBlock().MatchString(text) {
			in = at
			for strings.HasPrefix(rest, "- ") {
				item := strings.TrimLeft(rest[2:], " ")
				if item == "" || item[0] == '|' || item[0] == '>' {
					break
				}
				in, rest = in+len(rest)-len(item), item
			}
		}
	}
	return inside
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
	for _, path := range []string{kube.MetaPath, p.Path} {
		of := s.spans(path)[p.Rule] // by their lines
		i := sort.Search(len(of), func(i int) bool { return of[i].first > p.Line }) - 1
		if len(of) > 0 && path == kube.MetaPath || i >= 0 && p.Line <= of[i].last {
			s.used[use{path, p.Rule}] = true
			return true
		}
	}
	return false
}

// use is a rule that was waived in a file.
type use struct{ path, rule string }

// spans are the waivers of a file by their rules, read once.
func (s *scene) spans(path string) map[string][]span {
	known, ok := s.waivers[path]
	if !ok {
		known = map[string][]span{}
		all, _ := readWaivers(path, s.text(path)) //nolint:errcheck // what is wrong with them is told of the Kube
		for _, w := range all {
			known[w.rule] = append(known[w.rule], w)
		}
		s.waivers[path] = known
	}
	return known
}
