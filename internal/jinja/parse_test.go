package jinja

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/kpm-sh/kpm/internal/jinja/expr"
	"github.com/kpm-sh/kpm/internal/jinja/token"
)

// form writes an expression with brackets around all that binds.
func form(x expr.Expr) string {
	if x == nil {
		return "_"
	}
	all := func(list []expr.Expr) string {
		out := make([]string, len(list))
		for i, x := range list {
			out[i] = form(x)
		}
		return strings.Join(out, " ")
	}
	switch x := x.(type) {
	case *expr.Name:
		return x.Name
	case *expr.Const:
		return fmt.Sprintf("%#v", x.Value)
	case *expr.Unary:
		return "(" + x.Op + " " + form(x.X) + ")"
	case *expr.Binary:
		return "(" + form(x.X) + " " + x.Op + " " + form(x.Y) + ")"
	case *expr.Compare:
		out := "(" + form(x.X)
		for _, o := range x.Rest {
			out += " " + o.Op + " " + form(o.X)
		}
		return out + ")"
	case *expr.Attr:
		return form(x.X) + "." + x.Name
	case *expr.Filter:
		return "(" + form(x.X) + "|" + x.Name + args(x.Args, all) + ")"
	case *expr.Test:
		return "(" + form(x.X) + " is " + x.Name + args(x.Args, all) + ")"
	case *expr.Call:
		return "(call " + form(x.Fn) + args(x.Args, all) + ")"
	}
	return fmt.Sprintf("%s[%s]", strings.ToLower(strings.TrimPrefix(fmt.Sprintf("%T", x), "*expr.")), all(expr.Parts(x)))
}

func args(a expr.Args, all func([]expr.Expr) string) string {
	var out []string
	if len(a.Pos) > 0 {
		out = append(out, all(a.Pos))
	}
	for _, n := range a.Named {
		out = append(out, n.Name+"="+form(n.Value))
	}
	if a.Rest != nil {
		out = append(out, "*"+form(a.Rest))
	}
	if a.RestDict != nil {
		out = append(out, "**"+form(a.RestDict))
	}
	if len(out) == 0 {
		return ""
	}
	return "(" + strings.Join(out, " ") + ")"
}

// TestBinding holds what each expression binds to what against Jinja's grammar.
func TestBinding(t *testing.T) {
	for text, want := range map[string]string{
		"x in y|f":                 "(x in (y|f))",
		"a + b is odd":             "(a + (b is odd))",
		"a ~ b + c ~ d":            "(concat[a b] + concat[c d])",
		"a * b ~ c":                "concat[(a * b) c]",
		"-a ** b":                  "((- a) ** b)",
		"2 ** 3 ** 2":              "((2 ** 3) ** 2)",
		"-a|abs":                   "((- a)|abs)",
		"-a.b":                     "(- a.b)",
		"not not a == b":           "(not (not (a == b)))",
		"not a in b and c or d":    "(((not (a in b)) and c) or d)",
		"a < b < c not in d":       "(a < b < c not in d)",
		"a if b else c if d":       "cond[a b cond[c d _]]",
		"a if b if c":              "cond[cond[a b _] c _]",
		"a is not divisibleby 3":   "(not (a is divisibleby(3)))",
		"a is in b.c":              "(a is in(b.c))",
		"a is eq b + c":            "((a is eq(b)) + c)",
		"a is defined and b":       "((a is defined) and b)",
		"m(*xs, k=1, **kw)":        "(call m(k=1 *xs **kw))",
		"a.b(1).c[2]":              "item[(call a.b(1)).c 2]",
		"a[1:2, ::3]":              "item[a tuple[slice[1 2 _] slice[_ _ 3]]]",
		"a[:]":                     "item[a slice[_ _ _]]",
		"a.0.1":                    "item[item[a 0] 1]",
		"(a, )":                    "tuple[a]",
		"a, b":                     "tuple[a b]",
		"()":                       "tuple[]",
		"{'a': 1, 'b': [2, ], }":   `dict["a" 1 "b" list[2]]`,
		`'a' "b" 'c'`:              `"abc"`,
		`"\n\x41\u00e4\101\q"`:     `"\nAäA\\q"`,
		"1_000 + 0x1F + 1.5e-3":    "((1000 + 31) + 0.0015)",
		"a|b.c(1)|d is e":          "(((a|b.c(1))|d) is e)",
		"a|f(1)(2)":                "(call (a|f(1))(2))",
		"true and None":            "(true and <nil>)",
		"a - -b":                   "(a - (- b))",
		"99999999999999999999 - 1": "(99999999999999999999 - 1)",
	} {
		tree, err := Parse("{{ "+text+" }}", token.Options{})
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got := form(tree.Body[0].(*Print).Values[0]); got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
}

// TestErrors holds messages and their places.
func TestErrors(t *testing.T) {
	for text, want := range map[string]string{
		"\n  {{ a b }}":             `2:8: the end of the value is missing: }}: there is "b"`,
		"{{ 007 }}":                 `1:6: the end of the value is missing: }}: there is "7"`,
		"{{ ä.b. }}":                `1:9: a name or number is missing after the dot: there is }}`,
		"{% for x y %}{% endfor %}": `1:10: in is missing after the names of the for: there is "y"`,
		"{% set true = 1 %}":        `1:8: true cannot be given a value`,
		"{% if a %}{% endfor %}":    `1:14: endfor does not end the if of line 1`,
		"{% macro f(a=1, b) %}":     `1:17: b has no default, but what is before it has`,
		"{{ f(a=1, 2) }}":           `1:11: an argument without a name stands after one with a name or a *: there is "2"`,
		"{{ a is b is c }}":         `1:11: tests cannot be chained: put the first in brackets, or write and: there is "is"`,
		"{{ (1] }}":                 `1:6: ] stands where ) would end the bracket`,
		"{{ a ? b : c }}":           `1:6: '?' has no meaning in a tag: write VALUE if CONDITION else OTHER`,
		"{{ 1a }}":                  `1:5: the end of the value is missing: }}: there is "a"`,
		"{% for x in y %}{% extends 'b' %}{% endfor %}": `1:17: extends stands inside the for: it has to stand outside of all tags but if`,
		"{{ '\\N{DASH}' }}":                             `1:4: the escape \N is not understood: write the character itself`,
		"a\xff":                                         `1:2: is not UTF-8`,
	} {
		_, err := Parse(text, token.Options{})
		var e *token.Error
		if !errors.As(err, &e) {
			t.Errorf("%s: got %v, want %s", text, err, want)
			continue
		}
		if got := fmt.Sprintf("%d:%d: %s", e.Pos.Line, e.Pos.Column, e.Message); got != want {
			t.Errorf("%s\n got  %s\n want %s", text, got, want)
		}
	}
}

// TestGoTemplates tells lines of charts what they would be here.
func TestGoTemplates(t *testing.T) {
	for text, want := range map[string]string{
		"{{ .Values.image.tag }}":                     "{{ image.tag }}",
		"{{ .Values.image.tag | quote }}":             "{{ image.tag | quote }}",
		"{{- range .Values.hosts }}":                  "{% for item in hosts %}",
		"{{- range $i, $host := .Values.hosts -}}":    "{% for i, host in hosts %}",
		"{{- if .Values.ingress.enabled }}":           "{% if ingress.enabled %}",
		`{{- if eq .Values.kind "x" }}`:               `{% if kind == "x" %}`,
		"{{- else if .Values.b }}":                    "{% elif b %}",
		"{{- with .Values.resources }}":               "{% with it = resources %}",
		`{{ include "shop.labels" . | nindent 4 }}`:   "{{ shop_labels() | indent(4) }}, with a macro of that name",
		`{{- define "shop.name" -}}`:                  "{% macro shop_name() %}",
		"{{ toYaml .Values.resources | nindent 12 }}": "{{ resources | to_yaml | indent(12) }}",
		`{{ default "x" .Values.name }}`:              `{{ name | default("x") }}`,
		"{{ $name := .Values.name }}":                 "{% set name = name %}",
		"{{/* a comment */}}":                         "{# … #}",
		"{{ .Release.Name }}":                         "{{ a value of values.yaml }}",
		"a: {{ x }}\nb: {{ $.Values.y | b64enc }}":    "{{ y | b64encode }}",
	} {
		_, err := Parse(text, token.Options{})
		if want := "this is a Go template, and kpm's templates are Jinja: write " + want; err == nil || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("%s\n got  %v\n want %s", text, err, want)
		}
	}
	for _, text := range []string{"{{ 1 + }}", "{{ a b }}", "{% if .x %}", "{{ include }} {{ ) }}", "{{ 'a.b' c }}"} {
		if _, err := Parse(text, token.Options{}); err == nil || strings.Contains(err.Error(), "Go template") {
			t.Errorf("%s: got %v", text, err)
		}
	}
}

// TestWhitespace holds what the marks and options take away.
func TestWhitespace(t *testing.T) {
	trim := token.Options{TrimBlocks: true, LstripBlocks: true}
	for _, c := range []struct {
		text string
		opt  token.Options
		want string
	}{
		{"a \n {%- if x -%} \n b {%- endif +%}\n", token.Options{}, "a|b"},
		{"  {% if x %}\n  b\n  {% endif %}\nc\n", trim, "  b\n|c"},
		{"  {%+ if x %}\nb\n {% endif +%}\nc", trim, "  |b\n|\nc"},
		{"a\r\nb\r{# c #}\n", token.Options{KeepTrailingNewline: true}, "a\nb\n|\n"},
		{"a {% raw -%} {{ x }} {%- endraw %} b", token.Options{}, "a |{{ x }}| b"},
		{"a {#- c -#} b", token.Options{}, "a|b"},
		{"\ufeffa\n", token.Options{}, "a"},
	} {
		tree, err := Parse(c.text, c.opt)
		if err != nil {
			t.Errorf("%q: %v", c.text, err)
			continue
		}
		var parts []string
		var walk func([]Stmt)
		walk = func(list []Stmt) {
			for _, n := range list {
				switch n := n.(type) {
				case *Text:
					parts = append(parts, n.Text)
				case *If:
					walk(n.Branches[0].Body)
				}
			}
		}
		walk(tree.Body)
		if got := strings.Join(parts, "|"); got != c.want {
			t.Errorf("%q: got %q, want %q", c.text, got, c.want)
		}
	}
}

// TestSpans sees that a node knows where it begins and ends.
func TestSpans(t *testing.T) {
	tree, err := Parse("ä {{ a +\n  b.c }}", token.Options{})
	if err != nil {
		t.Fatal(err)
	}
	sum := tree.Body[1].(*Print).Values[0].(*expr.Binary)
	if want := (token.Span{From: token.Pos{Line: 1, Column: 6}, To: token.Pos{Line: 2, Column: 6}}); sum.Span != want {
		t.Errorf("the sum is at %v, want %v", sum.Span, want)
	}
	if want := (token.Span{From: token.Pos{Line: 2, Column: 3}, To: token.Pos{Line: 2, Column: 6}}); sum.Y.(*expr.Attr).Span != want {
		t.Errorf("b.c is at %v, want %v", sum.Y.(*expr.Attr).Span, want)
	}
}

// FuzzParse looks for texts that the parser does not come back from, or speaks of
// without a place.
func FuzzParse(f *testing.F) {
	for _, text := range []string{
		"{% for a, (b, c) in x if y recursive %}{{ loop(a)|f(1, k=2) is not g 'x' }}{% else %}{% endfor %}", "{{ a if b else -c ** 2 ~ {'k': [1:2]} }}",
		"{% raw %}{{{% endraw %}{#- -#}{%+ set a.b | f %}{% endset %}", "{{ .Values.x | nindent 4 }}{{- range $k, $v := .x }}", "{% macro m(a, b=(1,)) %}{% endmacro %}{% call(x) m(*a, **b) %}{% endcall %}",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, opt := range []token.Options{{}, {TrimBlocks: true, LstripBlocks: true, KeepTrailingNewline: true}} {
			tree, err := Parse(text, opt)
			var e *token.Error
			switch {
			case err == nil:
				if err := Walk(tree, func(x expr.Expr) error {
					if x.At().Line < 1 {
						return fmt.Errorf("%T has no place", x)
					}
					return nil
				}); err != nil {
					t.Errorf("%q: %v", text, err)
				}
			case !errors.As(err, &e), !utf8.ValidString(e.Message) && utf8.ValidString(text), e.Message == "":
				t.Errorf("%q: %v", text, err)
			}
		}
	})
}
