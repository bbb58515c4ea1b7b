package schema_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/kpm-sh/kpm/internal/schema"
)

// deep is n mappings inside each other, each of the name a.
func deep(n int) map[string]any {
	v := map[string]any{}
	for range n {
		v = map[string]any{"a": v}
	}
	return v
}

// TestTooMuchWork holds values to schemas that take time or memory without bounds.
func TestTooMuchWork(t *testing.T) {
	list := func(n int, v any) map[string]any {
		items := make([]any, n)
		for i := range items {
			items[i] = v
		}
		return map[string]any{"a": items}
	}
	for name, c := range map[string]struct {
		schema string
		values map[string]any
	}{
		"anyOf": {`{"$ref":"#/$defs/n","$defs":{"n":{"anyOf":[{"properties":{"a":{"$ref":"#/$defs/n"}},"required":["zz"]},{"properties":{"a":{"$ref":"#/$defs/n"}},"required":["zy"]}]}}}`, deep(40)},
		"not":   {`{"$ref":"#/$defs/n","$defs":{"n":{"not":{"properties":{"a":{"$ref":"#/$defs/n"}},"patternProperties":{"a":{"$ref":"#/$defs/n"},"^a":{"$ref":"#/$defs/n"}}},"type":"object"}}}`, deep(60)},
		"draft 7": {`{"$schema":"http://json-schema.org/draft-07/schema#","$ref":"#/definitions/n","definitions":{"n":{"properties":{"a":{"$ref":"#/definitions/n"}},
			"patternProperties":{"^a":{"$ref":"#/definitions/n"}}}}}`, deep(60)},
		"allOf of one": {`{"$ref":"#/$defs/a","$defs":{"a":{"allOf":[{"$ref":"#/$defs/b"},{"$ref":"#/$defs/b"},{"$ref":"#/$defs/b"}]},"b":{"allOf":[{"$ref":"#/$defs/c"},{"$ref":"#/$defs/c"},{"$ref":"#/$defs/c"}]},
			"c":{"properties":{"a":{"$ref":"#/$defs/a"}}}}}`, deep(12)},
		"dynamic": {`{"$dynamicRef":"#n","$defs":{"x":{"$id":"http://a.example/x","$dynamicRef":"#n","$defs":{"n":{"$dynamicAnchor":"n"}}},"n":{"$dynamicAnchor":"n","properties":{"a":{"$ref":"http://a.example/x"}},
			"patternProperties":{"^a":{"$ref":"http://a.example/x"}}}}}`, deep(60)},
		"dynamic alone": {`{"$ref":"http://a.example/x","$defs":{"x":{"$id":"http://a.example/x","$dynamicRef":"#n","$defs":{"n":{"$dynamicAnchor":"n"}}},"n":{"$dynamicAnchor":"n","properties":{"a":{"$dynamicRef":"#n"}},
			"patternProperties":{"^a":{"$dynamicRef":"#n"}}}}}`, deep(60)},
		"recursive": {`{"$schema":"https://json-schema.org/draft/2019-09/schema","$recursiveAnchor":true,"properties":{"a":{"$recursiveRef":"#"}},"patternProperties":{"^a":{"$recursiveRef":"#"}}}`, deep(60)},
		"enum":      {`{"properties":{"a":{"items":{"enum":[` + strings.Repeat("1,", 5000) + `2]}}}}`, list(5000, 3)},
		"patterns":  {`{"properties":{"a":{"items":{"pattern":"(x{1,30}y?){30}z"}}}}`, list(5000, strings.Repeat("xy", 500))},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := parse(t, c.schema).Faults(c.values); err == nil || !strings.Contains(err.Error(), "takes more than 500000 steps") {
				t.Errorf("got %v", err)
			}
		})
	}
}

// TestEnoughWork holds many values to a schema that tells each of them apart.
func TestEnoughWork(t *testing.T) {
	var words []string
	for i := range 500 {
		words = append(words, fmt.Sprintf(`"word%d"`, i))
	}
	s := parse(t, `{"properties":{"list":{"items":{"anyOf":[{"type":"number"},{"type":"object","required":["name"],"properties":{"name":{"enum":[`+strings.Join(words, ",")+`]},"port":{"minimum":1}}}]}}}}`)
	items := make([]any, 5000)
	for i := range items {
		items[i] = map[string]any{"name": fmt.Sprintf("word%d", i%500), "port": 1}
	}
	if got, err := s.Faults(map[string]any{"list": items}); len(got) > 0 || err != nil {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestParseRefusesTooMuch(t *testing.T) {
	nested := func(n int) string {
		return strings.Repeat(`{"allOf":[`, n) + "true" + strings.Repeat("]}", n)
	}
	for name, c := range map[string]struct{ text, want string }{
		"deep":               {nested(200), "inside each other more than 100 deep"},
		"parts":              {`{"allOf":[` + strings.Repeat("{},", 30_000) + `{}]}`, "more than 20000 parts"},
		"places":             {`{"properties":{"` + strings.Repeat("a", 1<<20) + `":{"allOf":[` + strings.Repeat("{},", 1000) + `{}]}}}`, "more than 20000 parts"},
		"places referred to": {`{"allOf":[` + many(2000, `{"$ref":"#/x/%d"}`) + `]}`, "more than 1000 places that are not in $defs"},
		"exponent":           {`{"multipleOf":1e-999999}`, "too long or too large"},
		"digits":             {`{"minimum":1` + strings.Repeat("0", 1000) + `}`, "too long or too large"},
		"pattern":            {`{"pattern":"(abcdefghijklmnopqrstuvwxyz){1000}"}`, "is too long: patterns have at most"},
		"patterns":           {`{"allOf":[` + many(100, `{"pattern":"(abcdefghi%d){900}"}`) + `]}`, "is too long: patterns have at most"},
		"bytes":              {`{"title":"` + strings.Repeat("a", 5<<20) + `"}`, "more than 4194304"},
	} {
		t.Run(name, func(t *testing.T) {
			if s, ps := schema.Parse([]byte(c.text)); s != nil || !strings.Contains(ps.Err().Error(), c.want) {
				t.Errorf("got %.300v", ps)
			}
		})
	}
	if s, ps := schema.Parse([]byte(nested(45))); s == nil {
		t.Errorf("got %v", ps)
	}
}

func many(n int, format string) string {
	var all []string
	for i := range n {
		all = append(all, fmt.Sprintf(format, i))
	}
	return strings.Join(all, ",")
}
