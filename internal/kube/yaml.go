package kube

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/kpm-sh/kpm/internal/lazyregexp"
	"github.com/kpm-sh/kpm/internal/yamlnode"
)

// source is one YAML file of ours while it is read. It collects every fault.
type source struct {
	path     string
	strict   bool           // unknown keys are faults
	lines    map[string]int // line of each value that was there, by its name
	problems Problems
}

func newSource(path string, strict bool) *source {
	return &source{path: path, strict: strict, lines: map[string]int{}}
}

func (s *source) errorf(line int, format string, args ...any) {
	s.problems = append(s.problems, Problem{Path: s.path, Line: line, Message: fmt.Sprintf(format, args...)})
}

func (s *source) warnf(line int, format string, args ...any) {
	s.errorf(line, format, args...)
	s.problems[len(s.problems)-1].Warning = true
}

func (s *source) sorted() Problems {
	s.problems.Sort()
	return s.problems
}

// document reads data as one YAML document that is a mapping, without anchors
// and aliases. It is nil when there is no such.
func (s *source) document(data []byte) *yaml.Node {
	if len(data) > MaxMeta {
		s.errorf(0, "is %d bytes, more than %d", len(data), MaxMeta)
		return nil
	}
	data = s.clean(data)
	root, second, err := yamlnode.Document(data)
	switch {
	case err != nil:
		s.syntax(data, err)
	case second > 0:
		s.errorf(second, "more than one document")
	case root == nil:
		s.errorf(0, "is empty")
	}
	if root == nil {
		return nil
	}
	if root.Kind != yaml.MappingNode {
		s.errorf(root.Line, "is %s, not a mapping of keys to values", describe(root))
		return nil
	}
	if s.aliased(root) {
		return nil
	}
	return root
}

// clean reports what is not Printable, line by line, and returns data without
// it, so that the rest can be judged as well.
func (s *source) clean(data []byte) []byte {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	data = bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n"))
	lines := strings.Split(string(data), "\n")
	for i, line := range lines {
		r, bad := unprintable(line, true)
		if !bad {
			continue
		}
		if r == utf8.RuneError {
			s.errorf(i+1, "not UTF-8")
		} else {
			s.errorf(i+1, "control or format character %U", r)
		}
		lines[i] = strings.Map(func(r rune) rune {
			if r != '\t' && !PrintableRune(r) || r == utf8.RuneError {
				return '?'
			}
			return r
		}, line)
	}
	return []byte(strings.Join(lines, "\n"))
}

// syntax reports what the YAML reader says, in our form, with advice where an
// author most often goes wrong.
func (s *source) syntax(data []byte, err error) {
	line, msg := yamlnode.Fault(err)
	for i, text := range strings.Split(string(data), "\n") {
		if line > 0 && (i+1 > line || i+1 < line-1) {
			continue // readers name the line of the fault, or the next
		}
		if indentTab().MatchString(text) {
			s.errorf(i+1, "tab in the indentation: use spaces")
			return
		}
		if sign := bareSign().FindStringSubmatch(text); sign != nil {
			s.errorf(i+1, "a value that starts with %s means something else in YAML: %s", sign[1], quoteIt)
			return
		}
	}
	s.errorf(line, "not YAML: %s", msg)
}

var (
	indentTab = lazyregexp.New(`^ *\t\s*[^\s#]`)
	bareSign  = lazyregexp.New(`^[\s-]*[\w-]+:\s+([>*&!%@|` + "`" + `])[^\s]*\s*[\d=<>~^x@{*]`)
)

// aliased reports the first anchor or alias below n: a file for people repeats
// itself, and needs no references.
func (s *source) aliased(n *yaml.Node) bool {
	if n.Kind == yaml.AliasNode || n.Anchor != "" {
		s.errorf(n.Line, "anchors and aliases are not allowed; a text that starts with & or * needs quotes")
		return true
	}
	return slices.ContainsFunc(n.Content, s.aliased)
}
