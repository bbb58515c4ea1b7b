package schema_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/kpm-sh/kpm/internal/schema"
)

func parse(t *testing.T, text string) *schema.Schema {
	t.Helper()
	s, ps := schema.Parse([]byte(text))
	if s == nil {
		t.Fatal(ps)
	}
	return s
}

func TestFaults(t *testing.T) {
	s := parse(t, `{"type": "object", "required": ["name"], "additionalProperties": false, "properties": {
		"name": {"type": "string", "pattern": "^[a-z]+$"}, "ports": {"items": {"maximum": 10}}}}`)
	got, err := s.Faults(map[string]any{"name": "Secret1", "ports": []any{1, 11}, "size": 1})
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, f := range got {
		lines = append(lines, fmt.Sprintf("%v: %s %t", f.At, f.Message, f.Unknown))
	}
	text := strings.Join(lines, "\n")
	for _, want := range []string{"[name]: does not match pattern '^[a-z]+$' false", "[ports 1]: is more than 10 false", "[size]: is not a value of this Kube true"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not among:\n%s", want, text)
		}
	}
	if strings.Contains(text, "Secret1") {
		t.Errorf("a value is told:\n%s", text)
	}
	if got, err := s.Faults(map[string]any{"name": "web"}); len(got) > 0 || err != nil {
		t.Errorf("got %v, %v for what the schema allows", got, err)
	}
}

// TestFaultsAreShort has many values that are none of many words.
func TestFaultsAreShort(t *testing.T) {
	s := parse(t, `{"properties": {"a": {"enum": [`+strings.Repeat(`"x",`, 100)+`"y"]}, "b": {"pattern": "`+strings.Repeat("é", 2000)+`"}}}`)
	got, err := s.Faults(map[string]any{"a": "z", "b": "z"})
	if err != nil || len(got) != 2 {
		t.Fatal(got, err)
	}
	for _, f := range got {
		if len(f.Message) > 1010 || f.At[0] == "a" && !strings.HasSuffix(f.Message, "'x', or one of 81 more") {
			t.Errorf("got %s", f.Message)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"{":                             "values.schema.json: not JSON",
		`{"type": 1}`:                   "not a JSON Schema",
		`{"$ref": "https://a.example"}`: "https://a.example is not part of the schema, and nothing else is read",
	} {
		if s, ps := schema.Parse([]byte(text)); s != nil || !strings.Contains(ps.Err().Error(), want) {
			t.Errorf("%s: got %v, want %q", text, ps, want)
		}
	}
}

func TestAllowed(t *testing.T) {
	s := parse(t, `{"properties": {"a": {"type": ["string", "null"]}, "b": {"items": {"enum": [1, true]}}, "c": {"anyOf": [{"const": "x"}, {"type": "array"}]}},
		"patternProperties": {"^p": {"$ref": "#/$defs/n"}}, "$defs": {"n": {"type": "integer"}, "loop": {"$ref": "#/$defs/loop"}}, "allOf": [{"properties": {"l": {"$ref": "#/$defs/loop"}}}]}`)
	for at, want := range map[string]schema.Kinds{
		"a": schema.Text | schema.Null, "b 0": schema.Number | schema.Bool, "c": schema.Text | schema.List, "port": schema.Number, "other": schema.Anything, "l": schema.Anything,
	} {
		if got := s.Allowed(strings.Fields(at)); got != want {
			t.Errorf("%s: got %b, want %b", at, got, want)
		}
	}
	if got := (*schema.Schema)(nil).Allowed([]string{"a"}); got != schema.Anything {
		t.Errorf("without a schema: got %b", got)
	}
}
