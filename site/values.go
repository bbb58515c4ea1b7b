package site

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/kpm-sh/kpm/internal/kube"
)

// value is one row of the table of values: a leaf of values.yaml or of
// values.schema.json.
type value struct {
	Name        string // as --set takes it
	Type        string
	Default     string
	Description string
	Required    bool
}

func (v value) size() int { return 110 + weigh(v.Name, v.Type, v.Default, v.Description) }

const (
	maxValueDepth = 16   // mappings inside each other that are taken apart
	maxValueRows  = 1000 // rows of one table
)

// valuesOf takes the defaults and the schema of a Kube apart.
func valuesOf(k *kube.Kube, defaults map[string]any) []value {
	var schema map[string]any
	if data, ok := k.File(kube.SchemaPath); ok {
		_ = json.Unmarshal(data, &schema) //nolint:errcheck // what is no schema describes nothing
	}
	t := valueTable{root: schema}
	t.add("", defaults, schema, false, 0)
	return t.rows
}

type valueTable struct {
	root map[string]any
	rows []value
}

// add adds what lies at name: a row, or those of the mapping that it is.
func (t *valueTable) add(name string, v any, schema map[string]any, required bool, depth int) {
	schema = t.resolve(schema)
	fields, isMap := v.(map[string]any)
	properties, _ := schema["properties"].(map[string]any)
	if (len(fields) > 0 || (len(properties) > 0 && (isMap || v == nil))) && depth < maxValueDepth {
		t.addFields(name, fields, schema, properties, depth)
		return
	}
	if name == "" || len(t.rows) >= maxValueRows {
		return
	}
	t.rows = append(t.rows, value{Name: name, Type: typeOf(v, schema), Default: literal(v), Description: text(schema["description"]), Required: required})
}

func (t *valueTable) addFields(name string, fields, schema, properties map[string]any, depth int) {
	keys := slices.AppendSeq(slices.Collect(maps.Keys(fields)), maps.Keys(properties))
	required, _ := schema["required"].([]any)
	for _, key := range sortedSet(keys) {
		below, _ := properties[key].(map[string]any)
		full := strings.NewReplacer(`\`, `\\`, `.`, `\.`, `[`, `\[`, `=`, `\=`).Replace(key)
		if name != "" {
			full = name + "." + full
		}
		t.add(full, fields[key], below, slices.Contains(required, any(key)), depth+1)
	}
}

// resolve follows a reference into the schema itself.
func (t *valueTable) resolve(schema map[string]any) map[string]any {
	for range maxValueDepth {
		ref, ok := schema["$ref"].(string)
		if !ok || !strings.HasPrefix(ref, "#/") {
			return schema
		}
		at := t.root
		for _, key := range strings.Split(ref[2:], "/") {
			at, _ = at[strings.NewReplacer("~1", "/", "~0", "~").Replace(key)].(map[string]any)
		}
		schema = at
	}
	return nil
}

// typeOf says what a value may be, by its schema or else by its default.
func typeOf(v any, schema map[string]any) string {
	if list, ok := schema["enum"].([]any); ok && len(list) > 0 && len(list) <= 12 {
		var words []string
		for _, item := range list {
			words = append(words, literal(item))
		}
		return strings.Join(words, " | ")
	}
	switch t := schema["type"].(type) {
	case string:
		return t
	case []any:
		var words []string
		for _, item := range t {
			words = append(words, fmt.Sprint(item))
		}
		return strings.Join(words, " | ")
	}
	switch v.(type) {
	case string:
		return "string"
	case bool:
		return "boolean"
	case int, int64, uint64:
		return "integer"
	case float64:
		return "number"
	case []any:
		return "array"
	case map[string]any:
		return "object"
	}
	return ""
}

// literal writes a value in one line, as JSON; nothing for null.
func literal(v any) string {
	if v == nil {
		return ""
	}
	data, err := json.Marshal(v)
	if err != nil {
		return ""
	}
	if r := []rune(string(data)); len(r) > 300 {
		return string(r[:300]) + "…"
	}
	return string(data)
}

func text(v any) string {
	s, _ := v.(string)
	return s
}
