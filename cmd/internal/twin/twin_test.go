package twin_test

import (
	"encoding/json"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/kpm-sh/kpm/cmd/internal/twin"
	"github.com/kpm-sh/kpm/internal/hook"
	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/render"
)

func TestMain(m *testing.M) {
	if code, ok := hook.Main(os.Args); ok {
		os.Exit(code)
	}
	os.Exit(m.Run())
}

// judged is what Python finds in a Kube with these files.
func judged(t *testing.T, files map[string]string) kube.Problems {
	t.Helper()
	if err := exec.Command("python3", "-c", "import jinja2").Run(); err != nil {
		t.Skipf("Python has no Jinja2 here: %v", err)
	}
	return judgedBy(t, files)
}

// judgedBy is judged with whatever Python there is.
func judgedBy(t *testing.T, files map[string]string) kube.Problems {
	t.Helper()
	dir := fstest.MapFS{
		"K3.yaml":                   {Data: []byte("name: t\nversion: 1.0.0\ndescription: x\n")},
		"manifests/plain.yaml":      {Data: []byte("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: plain}\n")},
		"manifests/right.yaml.tmpl": {Data: []byte("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: right}\n")},
	}
	for name, text := range files {
		dir[name] = &fstest.MapFile{Data: []byte(text)}
	}
	k, ps := kube.ReadDir(dir, "t")
	if ps.Err() != nil {
		t.Fatal(ps)
	}
	if defaults, err := render.Defaults(k); err != nil {
		t.Fatal(err)
	} else if _, err := render.Render(t.Context(), k, render.Merge(defaults), render.Options{Overridden: true}); err != nil {
		t.Fatal(err)
	}
	asked, closing, err := twin.New()
	if err != nil {
		t.Fatal(err)
	}
	defer closing()
	ps, err = asked.Judge(t.Context(), k, true)
	if err != nil {
		t.Fatal(err)
	}
	if notes := asked.Notes(); len(notes) > 0 {
		t.Skip(notes)
	}
	return ps
}

const configMap = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: t}\ndata:\n"

// each is a template that has each of the values in a text, through a filter.
func each(t *testing.T, filter string, values []any) map[string]string {
	t.Helper()
	text, err := json.Marshal(map[string]any{"cases": values})
	if err != nil {
		t.Fatal(err)
	}
	return map[string]string{
		"values.yaml":           string(text),
		"manifests/a.yaml.tmpl": configMap + "{% for c in cases %}\n  c{{ loop.index }}: {{ c | " + filter + " | quote }}\n{% endfor %}\n",
	}
}

// TestToYAML: a text of to_yaml is the same in Python, to the byte, whatever is in it.
func TestToYAML(t *testing.T) {
	values := []any{
		map[string]any{"level": "info", "out": []any{"a", "b"}}, map[string]any{}, []any{}, map[string]any{"a": map[string]any{}, "b": []any{}},
		[]any{[]any{1, []any{2}}, map[string]any{"a": 1, "b": []any{map[string]any{"c": nil}}}}, true, false, nil, 0, -7, 1.5, 1e21, 1e-7, 1234567.5, 0.0001,
		map[string]any{"a10": 1, "a9": 2, "A": 3, "a-1": 4, "a_1": 5, "1": 6, "02": 7, "é": 8, "": 9, "true": 10, "12:30:45": 11}, map[string]any{strings.Repeat("k", 129): map[string]any{"a": "b\nc"}, "two\nlines": 1},
		"日本語: ü", "smile \U0001f600", "\ufeffbom", "\u2028line\u2029", "\u00a0", "a\u0085b", "tab\tin", "cr\rin", "nul\x00", "del\x7f",
	}
	for _, s := range []string{
		"", " ", "a", "a: b", "a:b", "a #b", "a#b", "#a", "- a", "-a", "-", "--- a", "...", "? a", "?a", ": a", ":a", "a:", "[a", "{a", "a]", "&a", "*a", "!a", "|", ">", "'", `"`, "it's", `say "x"`, `back\slash`, "%a", "@a", "`a`",
		"1", "0", "-1", "+1", "1.0", "1.", ".5", "._5", "1e3", "1_000", "0x1F", "0o17", "0777", "089", "0b101", "-0b11", "0b-1", "1e999", "12345678901234567890", "99999999999999999999", "-9223372036854775808", "-9223372036854775809", "+18446744073709551615",
		"true", "yes", "Yes", "no", "on", "off", "y", "N", "null", "~", "<<", "=", ".inf", "-.INF", ".nan", "2001-12-14", "2001-2-3", "2001-02-30", "2001-12-14T21:59:43.10-05:00", "2001-12-14 21:59:43", "2001-12-14t21:59:43Z", "1:30", "12:30:45", "1:60", "190:20:30.15",
		"a\nb", "a\nb\n", "a\nb\n\n", "\na", " a\nb", "a \nb", "a\n b", "a\n", "\n", "\n\n", "a\tb\nc", "a b ", "trail\n ", "a\n\u2028b", strings.Repeat("long words ", 30),
	} {
		values = append(values, s, map[string]any{"k": s, "l": []any{s}}, map[string]any{s: 1})
	}
	r := rand.New(rand.NewPCG(1, 2))
	for range 600 {
		values = append(values, random(r, 3))
	}
	if ps := judged(t, each(t, "to_yaml", values)); len(ps) > 0 {
		t.Errorf("%v", ps)
	}
}

// random is a value with texts of what means something to YAML.
func random(r *rand.Rand, depth int) any {
	switch n := r.IntN(9); {
	case n == 0 && depth > 0:
		m := map[string]any{}
		for range r.IntN(5) {
			m[text(r)] = random(r, depth-1)
		}
		return m
	case n == 1 && depth > 0:
		list := []any{}
		for range r.IntN(5) {
			list = append(list, random(r, depth-1))
		}
		return list
	case n == 2:
		return r.IntN(2000) - 1000
	case n == 3:
		return (r.Float64() - 0.5) * []float64{1e-9, 1, 1e5, 1e9, 1e300}[r.IntN(5)]
	case n == 4:
		return []any{nil, true, false}[r.IntN(3)]
	}
	return text(r)
}

func text(r *rand.Rand) string {
	parts := []string{"a", "b", "Z", "0", "1", "7", "9", "12", "2001", "-", "-", ":", ":", ".", "_", "+", "e", "x", "o", " ", " ", "\n", "\n", "\t", "#", "'", `"`, "[", "}", ",", "?", "!", "é", "日", "\u2028", "\U0001f600", "\r"}
	var b strings.Builder
	for range r.IntN(9) {
		b.WriteString(parts[r.IntN(len(parts))])
	}
	return b.String()
}

// TestFilters: the other filters that give texts are the same in Python, too.
func TestFilters(t *testing.T) {
	nested := []any{map[string]any{"b": 1, "a": []any{nil, true, 1.5, "é\x7f\u2028"}}, []any{}, map[string]any{}, "del\x7f", 1e21, 12345678901.5}
	for filter, values := range map[string][]any{
		"to_json": nested, "b64encode": {"é", 1}, "b64decode": {"YQ==", "YW\nFh\n", " YQ== "}, "quote": {"a\"b\x7f", 1, "é"}, "sha256": {"é"},
		`regex_replace("(a)(b)?", "\\1-\\2-\\3-$1\\n")`: {"ab a", "x"}, `regex_replace("x*", "-")`: {"abxd", ""},
	} {
		if ps := judged(t, each(t, filter, values)); len(ps) > 0 {
			t.Errorf("%s: %v", filter, ps)
		}
	}
}

// TestDifference: what is not the same is said with its field, both values and the line.
func TestDifference(t *testing.T) {
	ps := judged(t, map[string]string{
		"manifests/a.yaml.tmpl": configMap + `  same: "1"` + "\n" + `  "c.yaml": "{{ "a\n" | regex_replace("a$", "b") | trim }}"` + "\n",
	})
	want := `manifests/a.yaml.tmpl:6: with the default values: Python's Jinja2 gives something else: data["c.yaml"] of ConfigMap t is "a" with kpm, and "b" with Python; write it so that both give the same`
	if len(ps) != 1 || ps[0].String() != want {
		t.Errorf("got %v, want %s", ps, want)
	}
}

// TestSlowTemplate: a template that Python does not come to the end of is a finding of that
// template, and hides none of the others.
func TestSlowTemplate(t *testing.T) {
	twin.Hasten(t)
	ps := judged(t, map[string]string{
		"manifests/a.yaml.tmpl": configMap + `  a: "{{ ("a"*40 ~ "!") | regex_replace("(a+)+$","b") }}"` + "\n",
		"manifests/b.yaml.tmpl": configMap + `  b: "{{ "a\n" | regex_replace("a$", "b") | trim }}"` + "\n",
		"tests/values/b.yaml":   "unread: 1\n",
	})
	want := []string{"manifests/a.yaml.tmpl: with the default values: Python did not finish within 2 seconds", "manifests/b.yaml.tmpl:5: ", "manifests/b.yaml.tmpl:5: with tests/values/b.yaml: "}
	if len(ps) != len(want) {
		t.Fatalf("%v", ps)
	}
	for i, p := range ps {
		if !strings.HasPrefix(p.String(), want[i]) {
			t.Errorf("got %s, want %s", p, want[i])
		}
	}
}

// TestPythonEnds: what Python cannot read is a finding of that file, and so is one with
// which it comes to no end itself.
func TestPythonEnds(t *testing.T) {
	hook := map[string]string{"scripts/pre-install.py": "x = " + strings.Repeat("-", 200_000) + "1\n"}
	ps := judged(t, hook)
	if len(ps) != 1 || !strings.HasPrefix(ps[0].String(), "scripts/pre-install.py: Python does not parse it: ") {
		t.Errorf("%.300v", ps)
	}
	bin := t.TempDir()
	if err := os.WriteFile(filepath.Join(bin, "python3"), []byte("#!/bin/sh\nexec kill -SEGV $$\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", bin)
	for _, files := range []map[string]string{hook, nil} {
		at := "manifests/right.yaml.tmpl"
		if files != nil {
			at = "scripts/pre-install.py"
		}
		ps := judgedBy(t, files)
		if len(ps) != 1 || !strings.HasPrefix(ps[0].String(), at+": Python ended before it had read it: it needs Python 3: ") {
			t.Errorf("%.300v", ps)
		}
	}
}
