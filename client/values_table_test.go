package client

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/kpm-sh/kpm/internal/errcode"
	"github.com/kpm-sh/kpm/internal/hook"
	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/manifest"
	"github.com/kpm-sh/kpm/internal/render"
)

// wordsPage is the page whose table says what each word becomes.
var wordsPage = filepath.Join("..", "docs", "values.md")

// wordKinds are the columns of --set: a default of the kind, and what a schema calls it.
var wordKinds = []struct{ name, below, schema string }{
	{"text", `"had"`, "string"}, {"true or false", "true", "boolean"}, {"a number", "1", "number"}, {"nothing known", "", ""},
}

// TestWords tries each field of the table: DESIGN's one reading of values.
func TestWords(t *testing.T) {
	rows := wordRows(t)
	if len(rows) < 40 {
		t.Fatalf("%d rows are read of %s", len(rows), wordsPage)
	}
	for _, row := range rows {
		word := row[0]
		t.Run(word, func(t *testing.T) {
			for _, k := range wordKinds {
				inFiles(t, word, k.name, k.below, row[1])
			}
			inManifest(t, word, row[2])
			for i, k := range wordKinds {
				got, err := answered(t, k.below, "", Values{Set: []string{"x=" + word}}, "")
				expect(t, "--set over "+k.name, row[3+i], got, err)
				if k.schema == "" || word == "null" {
					continue // over nothing a null stays, and the schema wants no null
				}
				schema := fmt.Sprintf(`{"properties": {"x": {"type": [%q, "null"]}}}`, k.schema)
				got, err = answered(t, "", schema, Values{Set: []string{"x=" + word}}, "")
				expect(t, "--set where the schema wants "+k.schema, row[3+i], got, err)
			}
		})
	}
}

// inFiles tries the word in every kind of file, over a default or none.
func inFiles(t *testing.T, word, over, below, want string) {
	t.Helper()
	if want == "null" && below != "" {
		want = "removed"
	}
	text := "x: " + word + "\n"
	file := filepath.Join(t.TempDir(), "v.yaml")
	must(t, os.WriteFile(file, []byte(text), 0o600))
	got, err := answered(t, below, "", Values{Files: []string{file}}, "")
	expect(t, "-f over "+over, want, got, err)
	got, err = answered(t, below, "", Values{Files: []string{"-"}, Stdin: strings.NewReader(text)}, "")
	expect(t, "-f - over "+over, want, got, err)
	got, err = answered(t, below, "", Values{}, text)
	expect(t, "a hook's over "+over, want, got, err)
	if below == "" {
		got, err = answered(t, word+" ", "", Values{}, "")
		expect(t, "values.yaml", want, got, err)
	}
}

func inManifest(t *testing.T, word, want string) {
	t.Helper()
	text := "apiVersion: v1\nkind: X\nmetadata: {name: a}\nx: " + word + "\n"
	objects, ps := manifest.Decode("a.yaml", []byte(text))
	var got string
	if len(objects) == 1 {
		data, err := render.JSON(render.Values{"x": objects[0].Value["x"]})
		must(t, err)
		got = strings.TrimSuffix(strings.TrimPrefix(string(data), `{"x":`), "}")
	}
	expect(t, "a manifest", strings.ReplaceAll(strings.ReplaceAll(want, ", ", ","), ": ", ":"), got, ps.Err())
}

// answered is what a template prints of the value x, as JSON; or removed.
func answered(t *testing.T, below, schema string, v Values, hooked string) (string, error) {
	t.Helper()
	k := &kube.Kube{Files: []kube.File{{Path: "manifests/a.yaml.tmpl", Data: []byte("answer: {% if x is defined %}{{ x | to_json }}{% else %}removed{% endif %}\n")}}}
	if schema != "" {
		k.Files = append(k.Files, kube.File{Path: kube.SchemaPath, Data: []byte(schema)})
	}
	if below == "" {
		below = "other: 1\n"
	} else {
		below = "x: " + below + "\n"
	}
	k.Files = append(k.Files, kube.File{Path: kube.ValuesPath, Data: []byte(below)})
	own, err := v.layers()
	if err != nil {
		return "", err
	}
	if own, err = resolve(k, own); err != nil {
		return "", err
	}
	var wrote []kube.File
	if hooked != "" {
		wrote = []kube.File{{Path: hook.ValuesPath, Data: []byte(hooked)}}
	}
	return printed(t, k, own, wrote)
}

func printed(t *testing.T, k *kube.Kube, own []render.Layer, wrote []kube.File) (string, error) {
	t.Helper()
	h, err := hooked{}.with(wrote)
	if err != nil {
		return "", err
	}
	r, err := renderWith(t.Context(), &Client{}, &Opened{Kube: k}, h.under(own))
	if err != nil {
		return "", err
	}
	text, ok := strings.CutPrefix(strings.TrimSuffix(string(r.Files[0].Data), "\n"), "answer: ")
	if !ok {
		t.Fatalf("rendered %q", r.Files[0].Data)
	}
	return text, nil
}

// expect holds a value against a field of the table: JSON, removed, refused, or what
// an error tells the user to write.
func expect(t *testing.T, where, want, got string, err error) {
	t.Helper()
	var ps kube.Problems
	switch {
	case want == "refused" || strings.HasPrefix(want, "write "):
		if err == nil {
			t.Errorf("%s: got %s, want an error", where, got)
			return
		}
		if !errcode.Has(err, errcode.Usage) && !errors.As(err, &ps) {
			t.Errorf("%s: %v is neither of a flag nor of a file", where, err)
		}
		if strings.HasPrefix(want, "write ") && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v does not say %s", where, err, want)
		}
	case err != nil:
		t.Errorf("%s: %v, want %s", where, err, want)
	case got != want:
		t.Errorf("%s: got %s, want %s", where, got, want)
	}
}

// wordRows are the rows of the table, without the marks of code.
func wordRows(t *testing.T) [][]string {
	t.Helper()
	page, err := os.ReadFile(wordsPage)
	must(t, err)
	field := regexp.MustCompile("^`(.*)`$")
	var rows [][]string
	for line := range strings.Lines(string(page)) {
		const nothing = "| (nothing) |"
		line = strings.Replace(line, nothing, "| `` |", 1)
		if !strings.HasPrefix(line, "| `") {
			continue
		}
		fields := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		if len(fields) != 3+len(wordKinds) {
			t.Fatalf("%s has %d fields", line, len(fields))
		}
		for i, f := range fields {
			fields[i] = strings.TrimSpace(f)
			if m := field.FindStringSubmatch(fields[i]); m != nil {
				fields[i] = m[1]
			}
		}
		rows = append(rows, fields)
	}
	return rows
}
