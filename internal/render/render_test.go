package render_test

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/render"
)

// TestFaults holds what a template does wrong against file, line and message.
func TestFaults(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"undefined":              {"a: 1\nb: {{ replcas }}", `:2: "replcas" is not defined; the nearest is "replicas"`},
		"undefined key":          {"{{ image.tga }}", `:1: "image.tga" is not defined; the nearest is "tag"`},
		"undefined below":        {"{{ image.x.y }}", `:1: "image.x" is not defined`},
		"undefined local":        {"{% set colour = 1 %}\n\n{{ colur }}", `:3: "colur" is not defined; the nearest is "colour"`},
		"undefined in condition": {"{% if nothing %}{% endif %}", `:1: "nothing" is not defined`},
		"undefined in loop":      {"\n{% for x in nothing %}{% endfor %}", `:2: "nothing" is not defined`},
		"undefined in long tag":  {"{{ [\n  1,\n  replcas\n] }}", `:3: "replcas" is not defined; the nearest is "replicas"`},
		"undefined in macro":     {"{% macro f(x) %}\n{{ x }}\n{% endmacro %}\n{{ f() }}", `:2: "x" is not defined: macro f was called without it`},
		"undefined beside":       {"{% with a=1, b=a %}{{ b }}{% endwith %}", `:1: "a" is not defined here, although the template sets it: what a "with", "for", "block" or "macro" sets is seen only inside of it, and not before`},
		"undefined after loop":   {"{% for i in [1] %}{% set last = i %}{% endfor %}\n{{ last }}", `:2: "last" is not defined here, although the template sets it: what a "with", "for", "block" or "macro" sets is seen only inside of it, and not before`},
		"undefined condition":    {"{{ ['x' if false] }}", `:1: an "if" without "else" gives nothing: the condition is false`},
		"complex power":          {"{{ (-8) ** 0.5 }}", `:1: a negative number ** a fraction is a complex number, and there are none here`},
		"long number":            {"{{ 10 ** 5000 > 1 }}", `:1: a whole number would have more than 4300 digits`},
		"long text":              {"{{ ('x' * 20000000)|length }}", `:1: a text would have more than 16777216 bytes`},
		"undefined index":        {"{{ ports[7] }}", `:1: "ports[7]" is not defined`},
		"filter":                 {"\n{{ 1 | to_jsn }}", `:2: unknown filter "to_jsn"; the nearest is "to_json"`},
		"filter not reached":     {"{% if false %}{{ 1 | uper }}{% endif %}", `:1: unknown filter "uper"; the nearest is "upper"`},
		"filter in map":          {"{{ ports | map('uper') | list }}", `:1: unknown filter "uper"; the nearest is "upper"`},
		"test":                   {"{{ 1 is evn }}", `:1: unknown test "evn"; the nearest is "even"`},
		"tag":                    {"\n\n{% fi %}", `:3: unknown tag "fi"`},
		"no end":                 {"{% if true %}\n{% for x in ports %}\n{% endif %}", `:3: endif does not end the for of line 2`},
		"never ends":             {"{% if true %}\n{% for x in ports %}{% endfor %}", `:1: if has no endif`},
		"ends nothing":           {"{% endif %}", `:1: endif ends nothing`},
		"else of nothing":        {"{% else %}", `:1: else is not inside an if`},
		"open tag":               {"\n{{ a", `:2: the tag that starts here has no end: }}`},
		"open text":              {"{{ 'a }}", `:1: the text that starts here has no end: '`},
		"open comment":           {"{# a", `:1: the comment that starts here has no end: #}`},
		"stray sign":             {"{{ a & b }}", `:1: '&' has no meaning in a tag: write and`},
		"types":                  {"{{ 'a' + 1 }}", `:1: + does not go between a text and a number`},
		"comparison":             {"{{ 'a' < 1 }}", `:1: a text cannot be compared with a number`},
		"not a list":             {"{% for x in replicas %}{% endfor %}", `:1: a number is not a list, mapping or text`},
		"not a function":         {"{{ replicas() }}", `:1: replicas is a number and cannot be called`},
		"no method":              {"{{ ports.uper() }}", `:1: "ports.uper" is not defined: a list has no "uper"`},
		"required":               {"{{ password | required('set password') }}", `:1: set password`},
		"required by default":    {"{{ passwrd | required }}", `:1: a value is required: "passwrd" is not defined; the nearest is "password"`},
		"macro argument":         {"{% macro f(x) %}{% endmacro %}\n{{ f(1, 2) }}", `:2: macro f takes 1 values, not 2`},
		"includes what is not":   {"{% include 'nothing.yaml' %}", `:1: there is no template 'nothing.yaml'`},
		"break":                  {"{% break %}", `:1: unknown tag "break": break needs an extension of Jinja that is not there: filter what the loop walks, {% for x in list if … %}`},
		"do":                     {"{% do ports.append(1) %}", `:1: unknown tag "do": do needs an extension of Jinja that is not there: write {% set _ = … %}`},
	} {
		t.Run(name, func(t *testing.T) {
			values := render.Values{
				"replicas": 3, "image": render.Values{"tag": "1"}, "ports": []any{"80"}, "password": "",
			}
			got, err := render.Source(t.Context(), "m/x.yaml.tmpl", c.text, values, render.Options{})
			if want := "m/x.yaml.tmpl" + c.want; err == nil || err.Error() != want {
				t.Errorf("got %q, %v\nwant %s", got, err, want)
			}
		})
	}
}

// TestImportedWithoutValues: who uses a value in a file of macros is told what is missing.
func TestImportedWithoutValues(t *testing.T) {
	k := pony("manifests/a.yaml.tmpl", "{% from 'm.yaml.tmpl' import up %}a: {{ up() }}", "manifests/m.yaml.tmpl", "{% macro up() %}{{ app }}{% endmacro %}")
	_, err := render.Render(t.Context(), k, render.Values{"app": "x"}, render.Options{})
	const want = `manifests/m.yaml.tmpl:1: "app" is not defined here: what is imported sees no values, unless the import says "with context"`
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

// TestLineEnds: a template keeps the line end at its end, so that rows which are included
// stand below each other, and a block of YAML at the end is as the same text without tags.
func TestLineEnds(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"included rows": {"f: |\n{% for h in [1, 2] %}{% include 'row.yaml' %}{% endfor %}", "f: |\n  - 1\n  - 2\n"},
		"kept lines":    {"f: |+\n  {{ 'a' }}\n\n\n", "f: |+\n  a\n\n\n"},
		"taken away":    {"f: |-\n  a{# -#}\n{{- '' -}}\n", "f: |-\n  a"},
		"none":          {"f: {{ 1 }}", "f: 1"},
	} {
		t.Run(name, func(t *testing.T) {
			k := pony("manifests/a.yaml.tmpl", c.text, "manifests/row.yaml", "{% if h %}  - {{ h }}{% endif %}\n")
			files, err := render.Render(t.Context(), k, nil, render.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if got := string(files[0].Data); got != c.want {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
		})
	}
}

// TestFilters holds the filters that manifests need, and where Python's way is
// not the nearest one, against their texts.
func TestFilters(t *testing.T) {
	for text, want := range map[string]string{
		`{{ m | to_yaml }}`:                                      "a:\n  - 1\n  - \"2\"\nb: null",
		`{{ m | to_json }}`:                                      `{"a": [1, "2"], "b": null}`,
		`{{ '<ä>' | to_json }}`:                                  `"<ä>"`,
		`{{ '<ä>' | tojson }}`:                                   `"\u003c\u00e4\u003e"`,
		`{{ [] | tojson(indent=2) }}`:                            `[]`,
		`{{ ('a: [1, 2]' | from_yaml).a[1] }}`:                   `2`,
		`{{ 'pässword' | b64encode }}`:                           `cMOkc3N3b3Jk`,
		`{{ 'cMOkc3N3b3Jk' | b64decode }}`:                       `pässword`,
		`{{ 'say "hi"' | quote }}`:                               `"say \"hi\""`,
		`{{ 8080 | quote }}`:                                     `"8080"`,
		`{{ 'a' | sha256 }}`:                                     `ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb`,
		`{{ 'x' | required('set it') }}`:                         `x`,
		`{{ true | ternary('a', 'b') }}`:                         `a`,
		`{{ 'a-1' | regex_replace('(\\w)-(\\d)', '$\\2\\1') }}`:  `$1a`,
		`{{ nope | default('d') }}{{ '' | default('e', true) }}`: `de`,
		`{{ none }} {{ true }} {{ 1.0 }} {{ [none, 'a'] }}`:      `None True 1.0 [None, 'a']`,
		`{{ -7 // 2 }} {{ -7 % 3 }} {{ 7 / 2 }} {{ 2 ** 3 }}`:    `-4 2 3.5 8`,
		`{{ 1 < 2 < 3 }} {{ 3 > 2 > 2 }}`:                        `True False`,
		`{{ "a\nb" }}{{ 'c\\' }}{{ '\u00e4' }}`:                  "a\nbc\\ä",
		"{{ [1,\n2]\n| join(',\n') }}":                           "1,\n2",
		`{{ 2.5 | round }} {{ [0.1, 0.2] | sum }}`:               `2.0 0.30000000000000004`,
		`{% set l = [] %}{% set _ = l.append(1) %}{{ l }}`:       `[1]`,
		`{% for k, v in m %}{{ k }}{{ loop.last }} {% endfor %}`: `aFalse bTrue `,
	} {
		t.Run(text, func(t *testing.T) {
			values := render.Values{"m": render.Values{"b": nil, "a": []any{1, "2"}}}
			got, err := render.Source(t.Context(), "x", text, values, render.Options{})
			if err != nil || got != want {
				t.Errorf("got %q, %v, want %q", got, err, want)
			}
		})
	}
}

func pony(files ...string) *kube.Kube {
	k := &kube.Kube{}
	for i := 0; i < len(files); i += 2 {
		k.Files = append(k.Files, kube.File{Path: files[i], Data: []byte(files[i+1])})
	}
	return k
}

func TestRender(t *testing.T) {
	k := pony(
		"manifests/a.yaml", "plain: 1\n",
		"manifests/a.yaml.tmpl", "plain: {{ n }}\n",
		"manifests/b.json.tmpl", `{"n": {{ n }}}`,
		"manifests/c.yaml.tmpl", "{% from 'z.yaml.tmpl' import label %}{{ label('x') }}\n",
		"manifests/e.yaml.tmpl", "f: {{ 'one\ntwo\n' | to_yaml | indent(2) }}\n",
		"manifests/d.yaml.tmpl", "# only a comment\n---\n{% if n > 7 %}a: 1{% endif %}\n",
		"manifests/z.yaml.tmpl", "{% macro label(name) %}name: {{ name }}{% endmacro %}\n",
		"values.yaml", "n: 1\n",
	)
	for name, c := range map[string]struct {
		opt  render.Options
		want string
	}{
		"as published": {render.Options{}, "plain: 1\n"},
		"overridden":   {render.Options{Overridden: true}, "plain: 2\n"},
	} {
		t.Run(name, func(t *testing.T) {
			files, err := render.Render(t.Context(), k, render.Values{"n": 2}, c.opt)
			if err != nil {
				t.Fatal(err)
			}
			got := map[string]string{}
			for _, f := range files {
				got[f.Path] = string(f.Data)
			}
			want := map[string]string{
				"manifests/a.yaml": c.want, "manifests/b.json": `{"n": 2}`, "manifests/c.yaml": "name: x\n", "manifests/e.yaml": "f: |\n    one\n    two\n",
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("files (-want +got):\n%s", diff)
			}
		})
	}
}

func TestRenderReportsEveryTemplate(t *testing.T) {
	k := pony(
		"manifests/a.yaml.tmpl", "{{ a }}",
		"manifests/b.yaml.tmpl", "\n{% include 'c.yaml.tmpl' %}",
		"manifests/c.yaml.tmpl", "\n\n{{ c }}",
	)
	_, err := render.Render(t.Context(), k, nil, render.Options{})
	want := kube.Problems{
		{Path: "manifests/a.yaml.tmpl", Line: 1, Message: `"a" is not defined`},
		{Path: "manifests/c.yaml.tmpl", Line: 3, Message: `"c" is not defined`},
	}
	var got kube.Problems
	if !errors.As(err, &got) {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
}

func TestRenderStopsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := render.Render(ctx, pony("manifests/a.yaml.tmpl", "a"), nil, render.Options{})
	if !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "a.yaml.tmpl") {
		t.Errorf("got %v", err)
	}
}

// TestValuesStay sees that a template cannot change the values of its caller.
func TestValuesStay(t *testing.T) {
	values := render.Values{"l": []any{1}, "m": render.Values{"a": 1}}
	text := `{% set _ = l.append(2) %}{% set _ = m.update(b=2) %}{% set _ = m.pop('a') %}{{ l }}{{ m }}`
	got, err := render.Source(t.Context(), "x", text, values, render.Options{})
	if want := "[1, 2]{'b': 2}"; err != nil || got != want {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
	if diff := cmp.Diff(render.Values{"l": []any{1}, "m": render.Values{"a": 1}}, values); diff != "" {
		t.Error(diff)
	}
}

// TestManyKeys sees that a large mapping of values arrives whole.
func TestManyKeys(t *testing.T) {
	values, keys := render.Values{}, render.Values{}
	for i := range render.MaxItems + 5 {
		keys[strconv.Itoa(i)] = i
	}
	values["m"] = keys
	got, err := render.Source(t.Context(), "x", "{{ m | length }}", values, render.Options{})
	if want := strconv.Itoa(render.MaxItems + 5); got != want && err == nil {
		t.Errorf("got %q, want %s or an error", got, want)
	}
}
