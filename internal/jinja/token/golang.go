package token

import (
	"fmt"
	"strings"

	"github.com/kpm-sh/kpm/internal/lazyregexp"
)

// Go's text/template writes values as .Values.a.b, and calls functions without
// brackets. Charts are full of it, and people bring their lines along.
var (
	goField   = lazyregexp.New(`(^|[\s(])\$?\.([A-Za-z_][\w.]*)?`)
	goAssign  = lazyregexp.New(`^\$(\w+)\s*:?=\s*(.+)$`)
	goRange   = lazyregexp.New(`^range\s+(?:\$(\w+)(?:\s*,\s*\$(\w+))?\s*:=\s*)?(.+)$`)
	goDefine  = lazyregexp.New(`^(?:define|block)\s+"([^"]*)"`)
	goInclude = lazyregexp.New(`^(?:include|template|tpl)\s+"([^"]*)"[^|]*(.*)$`)
	goCall    = lazyregexp.New(`^(toYaml|toJson|quote|b64enc|upper|lower|trim|default|required|nindent|indent)\s+(.+)$`)
	goValue   = lazyregexp.New(`\$?\.Values\.([\w.]+)`)
	goWord    = lazyregexp.New(`\W+`)
)

// goFilters are filters of charts, as kpm's templates have them.
var goFilters = strings.NewReplacer(
	"toYaml", "to_yaml", "toJson", "tojson", "b64enc", "b64encode", "b64dec", "b64decode", "nindent", "indent", "squote", "quote",
)

// goTemplate says of a place inside a tag of Go's text/template that it is one,
// and what the line would be; of any other it says nothing.
func (s *source) goTemplate(at Pos) string {
	inside, ok := s.tagAt(at)
	if !ok || !looksGo(inside) {
		return ""
	}
	return "this is a Go template, and kpm's templates are Jinja: write " + clipLine(fromGo(inside))
}

// tagAt is what stands in the {{ }} around a place, or before it.
func (s *source) tagAt(at Pos) (string, bool) {
	if at.Line < 1 || at.Line > len(s.lines) {
		return "", false
	}
	line := s.text[s.lines[at.Line-1]:]
	offset := s.lines[at.Line-1] + len(string([]rune(line)[:min(at.Column-1, len([]rune(line)))]))
	open := strings.LastIndex(s.text[:min(offset+2, len(s.text))], "{{")
	if open < 0 {
		return "", false
	}
	rest := s.text[open+2:]
	end := strings.Index(rest, "}}")
	if end < 0 || end > 500 || open+2+end < offset-2 {
		return "", false
	}
	inside := strings.TrimSuffix(strings.TrimPrefix(rest[:end], "-"), "-")
	return strings.TrimSpace(inside), true
}

// looksGo reports whether the inside of a tag can only be Go's.
func looksGo(text string) bool {
	first, rest, _ := strings.Cut(text, " ")
	switch first {
	case "range", "if", "with", "define", "block", "template", "include", "else", "tpl", "end":
		return first == "end" || rest != ""
	}
	return strings.HasPrefix(text, "/*") || goAssign().MatchString(text) || goCall().MatchString(text) ||
		goField().MatchString(text) && (strings.HasPrefix(text, ".") || strings.HasPrefix(text, "$") || strings.Contains(text, ".Values") || strings.Contains(text, ".Release") || strings.Contains(text, ".Chart"))
}

// fromGo is the Jinja of the inside of a tag of Go's, roughly.
func fromGo(text string) string {
	first, rest, _ := strings.Cut(text, " ")
	switch first {
	case "end":
		return "{% endif %} or {% endfor %}"
	case "if":
		return "{% if " + goExpression(rest) + " %}"
	case "else":
		return strings.TrimSuffix("{% el"+goExpression(strings.TrimSpace(rest)), " ") + " %}"
	case "with":
		return "{% with it = " + goExpression(rest) + " %}"
	}
	if strings.HasPrefix(text, "/*") {
		return "{# … #}"
	}
	if m := goRange().FindStringSubmatch(text); m != nil {
		return "{% for " + goNames(m[1], m[2]) + " in " + goExpression(m[3]) + " %}"
	}
	if m := goDefine().FindStringSubmatch(text); m != nil {
		return "{% macro " + goWord().ReplaceAllString(m[1], "_") + "() %}"
	}
	if m := goInclude().FindStringSubmatch(text); m != nil {
		return "{{ " + strings.TrimSpace(goWord().ReplaceAllString(m[1], "_")+"() "+goPipe(m[2])) + " }}, with a macro of that name"
	}
	if m := goAssign().FindStringSubmatch(text); m != nil {
		return "{% set " + m[1] + " = " + goExpression(m[2]) + " %}"
	}
	return "{{ " + goExpression(text) + " }}"
}

func goNames(first, second string) string {
	switch {
	case first == "":
		return "item"
	case second == "":
		return first
	}
	return first + ", " + second
}

// goExpression is a value of Go's with its pipe.
func goExpression(text string) string {
	value, pipe, _ := strings.Cut(text, "|")
	value = strings.TrimSpace(value)
	if m := goCall().FindStringSubmatch(value); m != nil {
		value = goCalled(m[1], m[2])
	}
	if fields := strings.Fields(value); len(fields) == 3 {
		if op, ok := map[string]string{"eq": "==", "ne": "!=", "and": "and", "or": "or", "gt": ">", "lt": "<", "ge": ">=", "le": "<="}[fields[0]]; ok {
			value = fields[1] + " " + op + " " + fields[2]
		}
	}
	value = goValue().ReplaceAllString(value, "$1")
	value = strings.NewReplacer("(", "", ")", "", "$.", "", "$", "").Replace(value)
	if pipe != "" {
		value += " " + goPipe("|"+pipe)
	}
	switch value = strings.TrimSpace(value); {
	case value == ".":
		return "item"
	case strings.HasPrefix(value, ".Release.") || strings.HasPrefix(value, ".Chart."):
		return "a value of values.yaml"
	case strings.HasPrefix(value, "."):
		return "item" + value
	}
	return value
}

// goCalled is a function of charts as a filter.
func goCalled(name, rest string) string {
	fields := strings.Fields(rest)
	last := fields[len(fields)-1]
	args := strings.Join(fields[:len(fields)-1], " ")
	if args == "" {
		return last + " | " + goFilters.Replace(name)
	}
	return fmt.Sprintf("%s | %s%s%s%s", last, goFilters.Replace(name), "❨", args, "❩")
}

// goPipe is `| a | b 4` with its arguments in brackets.
func goPipe(text string) string {
	var out []string
	for _, part := range strings.Split(text, "|")[1:] {
		fields := strings.Fields(part)
		if len(fields) == 0 {
			continue
		}
		name := goFilters.Replace(fields[0])
		if len(fields) > 1 {
			name += "(" + goValue().ReplaceAllString(strings.Join(fields[1:], ", "), "$1") + ")"
		}
		out = append(out, "| "+name)
	}
	return strings.Join(out, " ")
}

// clipLine puts brackets back and shortens what was made of a line.
func clipLine(text string) string {
	text = strings.NewReplacer("❨", "(", "❩", ")").Replace(strings.Join(strings.Fields(text), " "))
	if runes := []rune(text); len(runes) > 120 {
		return string(runes[:120]) + "…"
	}
	return text
}
