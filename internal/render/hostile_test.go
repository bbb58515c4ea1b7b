package render_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/render"
)

// hostile are templates that would end the process, never end, or fill the
// memory. Each has to be refused.
var hostile = map[string]string{
	"macro calls itself":            `{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}`,
	"macros call each other":        `{% macro f() %}{{ g() }}{% endmacro %}{% macro g() %}{{ f() }}{% endmacro %}{{ f() }}`,
	"many ways from macro to macro": waysOf(300) + `{{ m299() }}`,
	"macro is handed itself":        `{% macro f(g) %}{{ g(g) }}{% endmacro %}{{ f(f) }}`,
	"macro by another name":         `{% macro f() %}{{ n.g() }}{% endmacro %}{% set n = namespace() %}{% set n.g = f %}{{ f() }}`,
	"loop calls itself":             `{% for x in [[1]] recursive %}{{ loop([[1]]) }}{% endfor %}`,
	"caller calls itself":           `{% macro f() %}{{ caller() }}{% endmacro %}{% call f() %}{{ f(caller=f) }}{% endcall %}`,
	"block prints itself":           `{% block b %}{{ self.b() }}{% endblock %}`,
	"namespace holds itself":        `{% set n = namespace() %}{% set n.x = n %}{{ n }}`,
	"list holds itself":             `{% set l = [] %}{% set _ = l.append([l]) %}{{ l }}`,
	"mapping holds itself":          `{% set d = {} %}{% set _ = d.update(x=[d]) %}{{ d }}`,
	"long range":                    `{% for x in range(999999999) %}{% endfor %}`,
	"long text":                     `{{ 'x' * 999999999 }}`,
	"long number":                   `{{ 10 ** 20000 }}`,
	"text times itself":             `{% set s = "x" * 1000000 %}{{ s.replace("x", s) }}`,
	"doubled text":                  `{% set n = namespace(s='xx') %}{% for i in range(99) %}{% set n.s = n.s ~ n.s %}{% endfor %}`,
	"doubled list":                  `{% set n = namespace(l=[1]) %}{% for i in range(99) %}{% set n.l = n.l + n.l %}{% endfor %}`,
	"list of lists":                 `{% set n = namespace(l=[1]) %}{% for i in range(99) %}{% set n.l = [n.l, n.l] %}{% endfor %}{{ n.l }}`,
	"doubled print":                 `{% set n = namespace(s='xx') %}{% for i in range(99) %}{% set s %}{{ n.s }}{{ n.s }}{% endset %}{% set n.s = s %}{% endfor %}`,
	"wide text":                     `{{ 'x'|center(2000000000) }}`,
	"wide indent":                   `{{ 'x\ny'|indent(2000000000) }}`,
	"wide JSON":                     `{{ [1]|tojson(indent=2000000000) }}`,
	"wide format":                   `{{ '%999999999d' % 1 }}`,
	"wide braces":                   `{{ '{:>999999999}'.format(1) }}`,
	"wide ljust":                    `{{ 'x'.ljust(2000000000) }}`,
	"many batches":                  `{{ [1]|batch(2000000000, 'x') }}`,
	"silent loops":                  strings.Repeat(`{% for x in range(99999) %}`, 9) + strings.Repeat(`{% endfor %}`, 9),
	"printing loops":                strings.Repeat(`{% for x in range(999) %}`, 9) + `text` + strings.Repeat(`{% endfor %}`, 9),
	"deep tags":                     strings.Repeat(`{% if 1 %}`, 9999) + strings.Repeat(`{% endif %}`, 9999),
	"deep brackets":                 `{{ ` + strings.Repeat(`(`, 9999) + `1` + strings.Repeat(`)`, 9999) + ` }}`,
	"long tag":                      `{{ 1` + strings.Repeat(` + 1`, 99999) + ` }}`,
	"long source":                   strings.Repeat(`x`, 2<<20),
	"division by zero":              `{{ 1 % 0 }}`,
	"no values to format":           `{{ '%s %s' % 1 }}`,
	"test without a name":           `{{ x is `,
	"test without a value":          `{{ 2 is lt }}`,
	"power":                         `{{ 9 ** (9 ** (9 ** 9)) }}`,
	"includes itself":               `{% include "x.yaml.tmpl" %}`,
	"extends itself":                `{% extends "x.yaml.tmpl" %}`,
	"imports itself":                `{% import "x.yaml.tmpl" as x %}`,
	"reads a file":                  `{% include "/etc/passwd" %}`,
	"reads a file above":            `{% include "../values.yaml" %}`,
}

// waysOf are n macros, each of which calls all those before it.
func waysOf(n int) string {
	var b, calls strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "{%% macro m%d() %%}%s{%% endmacro %%}", i, calls.String())
		fmt.Fprintf(&calls, "{{ m%d() }}", i)
	}
	return b.String()
}

func TestHostile(t *testing.T) {
	for name, text := range hostile {
		t.Run(name, func(t *testing.T) {
			out, err := render.Source(t.Context(), "x.yaml.tmpl", text, nil, render.Options{Lenient: true})
			var ps kube.Problems
			if !errors.As(err, &ps) {
				t.Fatalf("got %.100q and %v, want a problem", out, err)
			}
			if len(ps) != 1 || ps[0].Path != "x.yaml.tmpl" || len(ps[0].Message) > 300 {
				t.Errorf("got %v", ps)
			}
			t.Log(ps)
		})
	}
}
