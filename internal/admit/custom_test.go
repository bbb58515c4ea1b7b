package admit_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/kpm-sh/kpm/internal/admit"
	"github.com/kpm-sh/kpm/internal/kinds"
)

var update = flag.Bool("update", false, "TestCustom: write what the oracle takes into "+customFile)

// customFile has schemas of single fields, and values with the schemas by which a server
// of oracleMinor takes them: each value was tried by each schema.
const customFile = "testdata/oracle/custom.txt"

// customs are the schemas and values of customFile.
type customs struct {
	head    string // up to the values, as it stands
	names   []string
	schemas map[string]any
	values  []customValue
}

type customValue struct {
	text  string // JSON
	value any
	taken []string // by these schemas
}

// TestCustom judges values of custom resources that a server has judged, and with
// KPM_ORACLE asks it of these again, and of texts that are nearly the same.
func TestCustom(t *testing.T) {
	c := readCustoms(t)
	if oracle := strings.Fields(os.Getenv("KPM_ORACLE")); len(oracle) > 0 {
		c.asked(t, oracle)
		c.near(t, oracle)
	}
	judge := c.judge(t)
	for _, v := range c.values {
		for _, name := range c.names {
			faults := judge(name, v.value)
			switch taken := slices.Contains(v.taken, name); {
			case taken && len(faults) > 0:
				t.Errorf("%s: the server takes %s, and we say: %s", name, v.text, faults[0].Message)
			case !taken && len(faults) == 0:
				t.Errorf("%s: the server refuses %s, and we find nothing", name, v.text)
			}
		}
	}
}

func readCustoms(t *testing.T) *customs {
	t.Helper()
	data, err := os.ReadFile(customFile)
	if err != nil {
		t.Fatal(err)
	}
	c := &customs{schemas: map[string]any{}}
	for line := range strings.Lines(string(data)) {
		i := strings.LastIndex(line, " is taken by")
		if i < 0 {
			c.head += line
		}
		if rest, ok := strings.CutPrefix(line, "schema "); ok {
			name, text, _ := strings.Cut(rest, " ")
			c.names = append(c.names, name)
			c.schemas[name] = decoded(t, text)
		} else if i >= 0 {
			c.values = append(c.values, customValue{line[:i], decoded(t, line[:i]), strings.Fields(line[i:])[3:]})
		}
	}
	return c
}

// decoded is JSON as servers read it, with whole numbers as such.
func decoded(t *testing.T, text string) any {
	t.Helper()
	dec := json.NewDecoder(strings.NewReader(text))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return numbered(v)
}

func numbered(v any) any {
	switch v := v.(type) {
	case json.Number:
		if n, err := v.Int64(); err == nil {
			return n
		}
		n, _ := v.Float64() //nolint:errcheck // a number, perhaps too large
		return n
	case map[string]any:
		for key, inner := range v {
			v[key] = numbered(inner)
		}
	case []any:
		for i, inner := range v {
			v[i] = numbered(inner)
		}
	}
	return v
}

// definition has all schemas, each of a field of spec by its name.
func (c *customs) definition() map[string]any {
	spec := map[string]any{"type": "object", "properties": c.schemas}
	schema := map[string]any{"type": "object", "properties": map[string]any{"spec": spec}}
	return map[string]any{
		"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": map[string]any{"name": "as.example.org"},
		"spec": map[string]any{
			"group": "example.org", "scope": "Namespaced", "names": map[string]any{"kind": "A", "plural": "as"},
			"versions": []any{map[string]any{"name": "v1", "served": true, "storage": true, "schema": map[string]any{"openAPIV3Schema": schema}}},
		},
	}
}

func customObject(name string, v any) map[string]any {
	return map[string]any{"apiVersion": "example.org/v1", "kind": "A", "metadata": map[string]any{"name": "a"}, "spec": map[string]any{name: v}}
}

func (c *customs) judge(t *testing.T) func(name string, v any) []admit.Fault {
	t.Helper()
	defined := admit.Define([]map[string]any{c.definition()})
	return func(name string, v any) []admit.Fault {
		faults, known := defined.Judge(customObject(name, v), kinds.Minors{First: oracleMinor, Last: oracleMinor})
		if !known {
			t.Fatal("the definition is not known")
		}
		return faults
	}
}

// asked holds customFile to the oracle, or writes it.
func (c *customs) asked(t *testing.T, oracle []string) {
	t.Helper()
	group := []any{c.definition()}
	for _, v := range c.values {
		for _, name := range c.names {
			group = append(group, customObject(name, v.value))
		}
	}
	verdicts := askTogether(t, oracle, [][]any{group})[0][1:]
	var b bytes.Buffer
	b.WriteString(c.head)
	for i := range c.values {
		v := &c.values[i]
		was := v.taken
		v.taken = nil
		for j, name := range c.names {
			if len(verdicts[i*len(c.names)+j].Faults) == 0 && appliable(c.schemas[name], v.value) {
				v.taken = append(v.taken, name)
			}
		}
		if fmt.Fprintln(&b, strings.Join(append([]string{v.text, "is taken by"}, v.taken...), " ")); !*update && !slices.Equal(was, v.taken) {
			t.Errorf("%s is taken by %q, and %s has %q", v.text, v.taken, customFile, was)
		}
	}
	if *update {
		if err := os.WriteFile(customFile, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// appliable tells whether server-side apply reads a value by a schema, of which the oracle
// knows nothing: it takes no list for a text, as validation does where there is a format.
func appliable(schema, v any) bool {
	s := schema.(map[string]any)
	switch v := v.(type) {
	case []any:
		return s["type"] != "string"
	case map[string]any:
		for _, inner := range v {
			if values, ok := s["additionalProperties"]; ok && !appliable(values, inner) {
				return false
			}
		}
	}
	return true
}

// near asks the oracle and us of texts that are one character from those of customFile.
func (c *customs) near(t *testing.T, oracle []string) {
	t.Helper()
	each := 12
	if os.Getenv("KPM_SOAK") != "" {
		each = 300
	}
	r := rand.New(rand.NewPCG(1, 2))
	var formats []string
	for _, name := range c.names {
		if s := c.schemas[name].(map[string]any); s["type"] == "string" {
			formats = append(formats, name)
		}
	}
	var texts []string
	for _, v := range c.values {
		if text, ok := v.value.(string); ok {
			for range each {
				texts = append(texts, changed(r, text))
			}
		}
	}
	judge := c.judge(t)
	wrong := 0
	for texts := range slices.Chunk(texts, 5000) {
		group := []any{c.definition()}
		for _, text := range texts {
			for _, name := range formats {
				group = append(group, customObject(name, text))
			}
		}
		for i, v := range askTogether(t, oracle, [][]any{group})[0][1:] {
			text, name := texts[i/len(formats)], formats[i%len(formats)]
			if faults := judge(name, text); len(faults) > 0 != (len(v.Faults) > 0) && wrong < 50 {
				wrong++
				t.Errorf("%s: of %q the server says %q, and we say %v", name, text, v.Faults, faults)
			}
		}
	}
	t.Logf("%d texts by %d formats", len(texts), len(formats))
}

// changed is a text with one or two changes.
func changed(r *rand.Rand, text string) string {
	const odd = "0 9 5 a f g T z Z X - . : / + _ = @ , # % ( ) ~ é ß Ü 界 ☃ 😀 İ µ ſ K ٣ \t \n \r \u00a0 \u200b ͏ "
	runes := []rune(text)
	for range 1 + r.IntN(2) {
		odds := []rune(strings.ReplaceAll(odd, " ", "") + " ")
		one := odds[r.IntN(len(odds))]
		at := r.IntN(len(runes) + 1)
		switch what := r.IntN(4); {
		case what == 0 || at == len(runes):
			runes = slices.Insert(runes, at, one)
		case what == 1:
			runes = slices.Delete(runes, at, at+1)
		case what == 2:
			runes[at] = one
		default:
			runes = slices.Insert(runes, at, runes[at])
		}
	}
	return string(runes)
}

// TestCustomVersions judges what only some versions of the server hold of custom resources:
// for those before one and from it on, and for all together.
func TestCustomVersions(t *testing.T) {
	refused, some, taken := "refused", string(admit.Servers), ""
	tests := map[string]struct {
		schema, value      string
		first              int // the version from which on it is judged as after says
		before, after, all string
	}{
		"short name":         {`{"type": "string", "format": "k8s-short-name"}`, `"A"`, 35, taken, refused, some},
		"long name":          {`{"type": "string", "format": "k8s-long-name"}`, `"a..b"`, 35, taken, refused, some},
		"some name":          {`{"type": "string", "anyOf": [{"format": "date"}, {"format": "k8s-short-name"}]}`, `"A"`, 35, taken, refused, some},
		"no text for a name": {`{"x-kubernetes-preserve-unknown-fields": true, "format": "k8s-short-name"}`, `1`, 35, taken, refused, some},
		"int32":              {`{"type": "integer", "format": "int32"}`, `2147483648`, 36, taken, refused, some},
		"float":              {`{"type": "number", "format": "float"}`, `1e39`, 36, taken, refused, some},
		"half a bound":       {`{"type": "integer", "minimum": 0.5}`, `0`, 36, taken, refused, some},
		"below half a bound": {`{"type": "integer", "minimum": 0.5}`, `-1`, 36, refused, refused, refused},
		"bound of 64 bits":   {`{"type": "integer", "maximum": 9223372036854775807}`, `1`, 36, taken, refused, some},
		"bound above int32":  {`{"type": "integer", "format": "int32", "maximum": 4294967295}`, `1`, 36, taken, refused, some},
		"text for a mapping": {`{"type": "object", "format": "date"}`, `"2026-11-28"`, 36, refused, refused, refused},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			c := &customs{schemas: map[string]any{"a": decoded(t, test.schema)}}
			defined, o := admit.Define([]map[string]any{c.definition()}), customObject("a", decoded(t, test.value))
			holdVersions(t, test.first, []string{test.before, test.after, test.all}, func(servers kinds.Minors) []admit.Fault {
				faults, _ := defined.Judge(o, servers)
				return faults
			})
		})
	}
}
