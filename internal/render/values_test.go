package render_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/render"
)

type values = render.Values

func layer(t *testing.T, name, text string) render.Layer {
	t.Helper()
	l, err := render.ParseValues(name, []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func set(t *testing.T, expr string) render.Layer {
	t.Helper()
	l, err := render.ParseSet(expr)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestParseValues(t *testing.T) {
	got := layer(t, "v.yaml", "a: 1\nb: [x, 2.5, yes, null, 1.0]\nc: {d: true, e: 0440}\nf: 2026-11-25\nbase: &x {g: 1}\ncopy: *x\n").Values
	want := values{
		"a": 1, "b": []any{"x", 2.5, true, nil, 1.0}, "c": values{"d": true, "e": 288}, "f": "2026-11-25",
		"base": values{"g": 1}, "copy": values{"g": 1},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("values (-want +got):\n%s", diff)
	}
	for _, nothing := range []string{"", "# nothing\n", "null\n", "---\n"} {
		if got := layer(t, "v.yaml", nothing).Values; len(got) != 0 {
			t.Errorf("%q: got %v", nothing, got)
		}
	}
}

func TestParseValuesFaults(t *testing.T) {
	bomb := "a: &a [x,x,x,x,x,x,x,x,x]\n"
	for _, c := range "bcdefghi" {
		bomb += string(c) + ": &" + string(c) + " [" + strings.Repeat("*"+string(c-1)+",", 9) + "]\n"
	}
	for text, want := range map[string]string{
		"- a\n":                           "v.yaml:1: is not a mapping of names to values",
		"a: 1\na: 2\n":                    `v.yaml:2: "a" is there twice`,
		"a: 1\n---\nb: 2\n":               "v.yaml:2: more than one document",
		"a: 1\nb: [\n":                    "v.yaml:2: not YAML: did not find expected node content",
		"\na: !!binary eA==":              "v.yaml:2: the tag !!binary is not allowed",
		"a: !!int yes\n":                  "v.yaml:1: the tag !!int is not allowed",
		"a: 18446744073709551615\n":       "v.yaml:1: a number has more than 64 bits",
		"a: 1\nb: 99999999999999999999\n": "v.yaml:2: a number has more than 64 bits",
		"a: .inf\n":                       "v.yaml:1: infinity and NaN are no numbers",
		"a: 1\non: 2\n":                   `v.yaml:2: the name on is true in YAML, not a text: write "on"`,
		"a: {No: 2}\n":                    `v.yaml:1: the name No is false in YAML, not a text: write "No"`,
		"a: 1\n5432: 2\n":                 `v.yaml:2: the name 5432 is a number in YAML, not a text: write "5432"`,
		"~: 2\n":                          `v.yaml:1: the name ~ is nothing in YAML, not a text: write "~"`,
		"'on': 1\n\"on\": 2\n":            `v.yaml:2: "on" is there twice`,
		"{\"a\": 1,\n\"b\": {\"c\": 1,\n\"c\": 2}}": `v.yaml:3: "c" is there twice`,
		"{\"a\":\n18446744073709551615}":            "v.yaml:2: a number has more than 64 bits",
		"{\"a\": 1e999}":                            "v.yaml:1: a number has more than 64 bits",
		"{\"a\": \"\\ud83d\"}":                      "v.yaml: not YAML: ",
		"{\"a\": " + strings.Repeat("[", 70) + strings.Repeat("]", 70) + "}": "v.yaml:1: more than 200000 values",
		"a: {b: 1}\n? [x]\n: 1": "v.yaml:2: a name is not a text",
		"a: &a\n  b: *a\n":      "v.yaml: not YAML: ",
		bomb:                    "v.yaml:1: more than 200000 values, or nested more than 64 deep",
	} {
		_, err := render.ParseValues("v.yaml", []byte(text))
		alias := text == "a: &a\n  b: *a\n" && strings.HasPrefix(fmt.Sprint(err), "v.yaml:")
		if err == nil || (!strings.HasPrefix(err.Error(), want) && !alias) {
			t.Errorf("%.60q: got %v, want %s", text, err, want)
		}
	}
}

func TestMerge(t *testing.T) {
	defaults := `
x: 1
m: {a: 1, b: {c: 1, d: 2}}
l: [{name: a}, {name: b}]
none: null
`
	for name, c := range map[string]struct {
		over string
		sets []string
		want values
	}{
		"nothing": {want: values{
			"x": 1, "m": values{"a": 1, "b": values{"c": 1, "d": 2}}, "l": []any{values{"name": "a"}, values{"name": "b"}}, "none": nil,
		}},
		"file under flag": {over: "x: 2\nm: {b: {c: 3}}\nl: [9]\n", sets: []string{"m.b.d=4"}, want: values{
			"x": 2, "m": values{"a": 1, "b": values{"c": 3, "d": 4}}, "l": []any{9}, "none": nil,
		}},
		"null removes": {over: "m: null\nnone: null\n", sets: []string{"x=null", "new=null"}, want: values{
			"l": []any{values{"name": "a"}, values{"name": "b"}}, "new": nil,
		}},
		"items": {over: "m: null\nnone: null\nx: null\n", sets: []string{"l[1].name=x", "l[2]=y", "new[1]=z"}, want: values{
			"l": []any{values{"name": "a"}, values{"name": "x"}, "y"}, "new": []any{nil, "z"},
		}},
		"null removes what a file set": {over: "new: 1\nm: {b: {e: 1}}\nx: 2\n", sets: []string{"new=null", "m.b.e=null", "x=null"}, want: values{
			"m": values{"a": 1, "b": values{"c": 1, "d": 2}}, "l": []any{values{"name": "a"}, values{"name": "b"}}, "none": nil,
		}},
		"another kind": {over: "m: text\nx: {a: 1}\nl: {a: 1}\nnone: null\n", want: values{
			"m": "text", "x": values{"a": 1}, "l": values{"a": 1},
		}},
		"a mapping after null": {over: "m: null\nl: null\nx: null\n", sets: []string{"m.z=1", "m.b.z=2", "l.z=3", "x.z=4", "none=null"}, want: values{
			"m": values{"z": 1, "b": values{"z": 2}}, "l": values{"z": 3}, "x": values{"z": 4},
		}},
		"a mapping after null inside": {over: "m: {b: null}\n", sets: []string{"m.b.z=1", "x=null", "l=null", "none=null"}, want: values{
			"m": values{"a": 1, "b": values{"z": 1}},
		}},
		"a mapping after another kind": {over: "m: {b: [1]}\nl: text\n", sets: []string{"m.b.z=1", "l[1]=x", "x=null", "none=null"}, want: values{
			"m": values{"a": 1, "b": values{"z": 1}}, "l": []any{nil, "x"},
		}},
		"an item after null": {over: "m: null\nl: null\n", sets: []string{"l[1].name=x", "m[0]=y", "x=null", "none=null"}, want: values{
			"m": []any{"y"}, "l": []any{nil, values{"name": "x"}},
		}},
		"an item of the default after null": {over: "m: null\n", sets: []string{"l[0]=null", "l[0].z=1", "l[1].name=x", "l[1]=null", "new[0]=1", "new[0]=null", "x=null", "none=null"}, want: values{
			"l": []any{values{"z": 1}, nil}, "new": []any{nil},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			below := layer(t, "values.yaml", defaults)
			over := []render.Layer{layer(t, "over.yaml", c.over)}
			for _, expr := range c.sets {
				over = append(over, set(t, expr))
			}
			got := render.Merge(append([]render.Layer{below}, over...)...)
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("values (-want +got):\n%s", diff)
			}
			kept := render.Layer{Name: "kept", Values: render.Overrides(below.Values, over...)}
			if diff := cmp.Diff(got, render.Merge(below, kept)); diff != "" {
				t.Errorf("overrides that were kept (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(layer(t, "values.yaml", defaults).Values, below.Values); diff != "" {
				t.Errorf("the defaults changed:\n%s", diff)
			}
		})
	}
}

// What is set may be a secret: neither the name of a layer nor an error shows it.
func TestParseSetHidesValues(t *testing.T) {
	for expr, want := range map[string]string{
		"a.b=tweety": "setting a.b", `a\=b=tweety`: `setting a\=b`, `a\\=b=tweety`: `setting a\\`, "tweety": "setting",
		"a=[tweety]": "setting a", "a[x=tweety]": "setting a[x", "a[0]b=tweety": "setting a[0]b",
	} {
		l, err := render.ParseSet(expr)
		if err == nil {
			_, err = render.Resolve(pony(kube.ValuesPath, "a: {b: true}\na=b: 1\n'a\\': true\n"), []render.Layer{l})
			if err == nil {
				t.Errorf("%s: a bool, a number or a mapping takes it", expr)
			}
		}
		if l.Name != want || strings.Contains(fmt.Sprint(l.Name, err), "tweety") {
			t.Errorf("%s: got %q, %v", expr, l.Name, err)
		}
	}
}

func TestParseSet(t *testing.T) {
	for expr, want := range map[string]values{
		"a=1":               {"a": 1},
		"a=1.5":             {"a": "1.5"},
		"a=true":            {"a": true},
		"a=yes":             {"a": "yes"},
		`a="1"`:             {"a": `"1"`},
		"a=":                {"a": ""},
		"a=null":            {"a": nil},
		"a=~":               {"a": "~"},
		"a=a: b":            {"a": "a: b"},
		"a=[1, 2]":          {"a": "[1, 2]"},
		"a=b=c":             {"a": "b=c"},
		"a.b-c.d=x y":       {"a": values{"b-c": values{"d": "x y"}}},
		"a.b[0]=c":          {"a": values{"b": values{"[0]": "c"}}},
		"a[0][12].b=c":      {"a": values{"[0]": values{"[12]": values{"b": "c"}}}},
		`a.kpm\.sh/x=c`:     {"a": values{"kpm.sh/x": "c"}},
		"a=http://x:8/?a=b": {"a": "http://x:8/?a=b"},
		"":                  nil, "a": nil, "=a": nil, "a.=b": nil, ".a=b": nil, "a..b=c": nil, "[0]=a": nil, "a[x]=b": nil, "a[-1]=b": nil,
		"a[1000]=b": nil, "a[0=b": nil, "a[0]b=c": nil, `a\`: nil, strings.Repeat("a.", 99) + "a=b": nil,
	} {
		got, err := render.ParseSet(expr)
		switch {
		case want == nil && err == nil:
			t.Errorf("%q: got %v", expr, got.Values)
		case want == nil && !strings.Contains(err.Error(), "setting"):
			t.Errorf("%q: got %v, which does not name it", expr, err)
		case want != nil && (err != nil || !cmp.Equal(want, got.Values)):
			t.Errorf("%q: got %v, %v", expr, got.Values, err)
		}
	}
	got, err := render.ParseSetString("a.b=007")
	if want := (values{"a": values{"b": "007"}}); err != nil || !cmp.Equal(want, got.Values) {
		t.Errorf("as text: got %v, %v", got.Values, err)
	}
}

const schema = `{
  "type": "object",
  "additionalProperties": false,
  "required": ["port"],
  "properties": {
    "port": {"type": "integer", "minimum": 1},
    "storage": {
      "type": "object", "additionalProperties": false,
      "properties": {"size": {"type": "string", "pattern": "^[0-9]+Gi$"}, "className": {"type": "string"}}
    },
    "hosts": {"type": "array", "items": {"type": "string"}}
  }
}`

func TestValidate(t *testing.T) {
	defaults := "port: 80\nstorage:\n  size: 1Gi\n  className: \"\"\nhosts: []\n"
	for name, c := range map[string]struct {
		below string
		over  string
		sets  []string
		want  string
	}{
		"good":                           {},
		"file":                           {over: "\nstorage:\n  # large\n  size: big\n", want: `over.yaml:4: storage.size: does not match pattern '^[0-9]+Gi$'`},
		"flag":                           {sets: []string{"port=0"}, want: `setting port: port: is less than 1`},
		"flag over file":                 {over: "port: 0\n", sets: []string{"port=x"}, want: `setting port: port: got string, want integer`},
		"repeated":                       {over: "port: 0\n", sets: []string{"port=0"}, want: `over.yaml:1: port: is less than 1`},
		"unknown":                        {over: "storage:\n  sise: 2Gi\n", want: `over.yaml:2: storage.sise: is not a value of this Kube; the nearest is "size"`},
		"not of the schema, of the Kube": {below: "session: x\n", want: "values.yaml:5: session: is not a value of this Kube: values.yaml has it, values.schema.json does not"},
		"item":                           {over: "hosts:\n  - a\n  - 1\n", want: `over.yaml:3: hosts[1]: got number, want string`},
		"item of flag":                   {sets: []string{"hosts[0]=1"}, want: `setting hosts[0]: hosts[0]: got number, want string`},
		"missing":                        {sets: []string{"port=null"}, want: `setting port: port: is missing`},
		"two":                            {over: "port: 0\nx: 1\n", want: "over.yaml:1: port: is less than 1\nover.yaml:2: x: is not a value of this Kube"},
	} {
		t.Run(name, func(t *testing.T) {
			k := pony(kube.SchemaPath, schema, kube.ValuesPath, strings.TrimSuffix(defaults, "hosts: []\n")+c.below)
			below, err := render.Defaults(k)
			if err != nil {
				t.Fatal(err)
			}
			layers := []render.Layer{below, layer(t, "over.yaml", c.over)}
			for _, expr := range c.sets {
				layers = append(layers, set(t, expr))
			}
			if got := render.Validate(k, layers...).Error(); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

// TestValidateHides has values that may be secrets: what is said of them does not
// hold them.
func TestValidateHides(t *testing.T) {
	for rule, want := range map[string]string{
		`"minimum": 5000`:            "is less than 5000",
		`"maximum": 0.5`:             "is more than 0.5",
		`"exclusiveMinimum": 4711`:   "is not more than 4711",
		`"exclusiveMaximum": 1`:      "is not less than 1",
		`"multipleOf": 2`:            "is no multiple of 2",
		`"enum": [1]`:                "value must be 1",
		`"const": 1`:                 "value must be 1",
		`"type": "string"`:           "got number, want string",
		`"not": {"type": "integer"}`: "'not' failed",
	} {
		k := pony(kube.SchemaPath, `{"properties": {"pin": {`+rule+`}}}`)
		if got := render.Validate(k, layer(t, "v.yaml", "pin: 4711\n")).Error(); got != "v.yaml:1: pin: "+want {
			t.Errorf("%s: got %s, want %s", rule, got, want)
		}
	}
}

func TestValidateFaults(t *testing.T) {
	for text, want := range map[string]string{
		"{\n  \"type\": \n}":                          "values.schema.json:3: not JSON: ",
		`{"type": "objekt"}`:                          "values.schema.json: not a JSON Schema: ",
		`{"$ref": "https://example.com/schema.json"}`: "values.schema.json: not a JSON Schema: ",
		`{"$ref": "other.json"}`:                      "values.schema.json: not a JSON Schema: ",
		`{"$ref": "file:///etc/passwd"}`:              "values.schema.json: not a JSON Schema: ",
		`{"$ref": "#"}`:                               "",
		`{"properties": {"a": {"$ref": "#"}}}`:        "",
		`{"properties": {"a": {"pattern": "(?=x)"}}}`: "values.schema.json: not a JSON Schema: ",
	} {
		k := pony(kube.SchemaPath, text)
		got := render.Validate(k, layer(t, "v.yaml", "a: {a: 1}\n")).Error()
		if want == "" && text != `{"$ref": "#"}` && got != "" || !strings.HasPrefix(got, want) || strings.Contains(got, "\n") {
			t.Errorf("%s: got %s", text, got)
		}
		t.Log(got)
	}
	if ps := render.Validate(pony(), layer(t, "v.yaml", "a: 1\n")); len(ps) > 0 {
		t.Errorf("without a schema: got %v", ps)
	}
}

// A file that a program wrote as JSON is read as such: pairs of \u are one
// character, and the lines are known.
func TestParseValuesJSON(t *testing.T) {
	text := "\ufeff {\"s\": \"\\ud83d\\ude00\",\n\"n\": 1, \"f\": 1.0,\n\"l\": [{\"a/b\": null},\ntrue], \"e\": {}}\n"
	want := values{"s": "😀", "n": 1, "f": 1.0, "l": []any{values{"a/b": nil}, true}, "e": values{}}
	l := layer(t, "v.json", text)
	if diff := cmp.Diff(want, l.Values); diff != "" {
		t.Errorf("values (-want +got):\n%s", diff)
	}
	k := pony(kube.SchemaPath, `{"properties": {"l": {"items": {"type": "string"}}}}`)
	if got, want := render.Validate(k, l).Error(), "v.json:3: l[0]: got object, want string\nv.json:4: l[1]: got boolean, want string"; got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
	for text, want := range map[string]values{"a: \"\\ud83d\\ude00\"": {"a": "😀"}, "{a: 1}": {"a": 1}, "{\"a\": no}": {"a": false}, "{}": {}} {
		if got := layer(t, "v.yaml", text).Values; !cmp.Equal(want, got) {
			t.Errorf("%s: got %v", text, got)
		}
	}
}

// What is remembered of values is read again as the same.
func TestJSONKeepsValues(t *testing.T) {
	want := layer(t, "v.yaml", "a: 1.0\nb: [1e3, 1e300, 0.1, -0.0, 1]\nc: {d: 9223372036854775807, e: '1.0', f: null}\n").Values
	data, err := render.JSON(want)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, layer(t, "kept", string(data)).Values); diff != "" {
		t.Errorf("%s (-want +got):\n%s", data, diff)
	}
}

// Resolve asks the schema first, then the default, then what is set already.
func TestResolve(t *testing.T) {
	const schema = `{
  "$defs": {"port": {"anyOf": [{"type": "integer"}, {"type": "string"}]}, "loop": {"$ref": "#/$defs/loop"}},
  "properties": {
    "text": {"type": ["string", "null"]}, "enum": {"enum": ["1", "2"]}, "const": {"const": true},
    "port": {"$ref": "#/$defs/port"}, "both": {"allOf": [{"$ref": "#/$defs/port"}, {"type": "string"}]},
    "list": {"items": {"type": "string"}}, "first": {"prefixItems": [{"type": "boolean"}], "items": {"type": "number"}},
    "any": {}, "mapping": {"type": "object", "patternProperties": {"^t": {"type": "string"}}, "additionalProperties": {"type": "boolean"}},
    "loop": {"$ref": "#/$defs/loop"}, "never": false
  }}`
	const defaults = "text: 5\nport: http\nlist: [1]\nany: true\nbare:\n  texts: [a, b]\n  mixed: [a, 1]\n  none: null\n  all: [{name: a, port: 1}]\n  empty: ''\n"
	for expr, want := range map[string]any{
		"text=1.10": "1.10", "text=null": nil, "enum=1": "1", "const=true": true, "const=yes": "write true", "const=1": "true or false is wanted",
		"port=80": "80", "both=80": "80", "list[0]=80": "80", "list[7]=80": "80", "first[0]=off": "write false", "first[1]=x": "a number is wanted",
		"any=off": "write false", "mapping.t=1": "1", "mapping.x=1": "true or false is wanted", "mapping=1": "does not replace a list or a mapping",
		"loop=1": 1, "never=1": 1, "new=1.10": "1.10", "bare.texts[5]=1": "1", "bare.mixed[5]=1": 1, "bare.none=1": 1, "bare.texts=x": "does not replace a list",
		"bare.all[3].port=x": "a number is wanted", "bare.all[3].name=1": "1", "bare.empty=0": "0", "bare.empty.x=0": 0, "bare.none.x=0": 0,
		"any.k=1": "any is one value, with nothing inside", "port[0]=1": "port is one value", "bare[0]=1": "bare is a mapping, and has names and no items",
		"bare.texts.k=1": "bare.texts is a list, whose items are bare.texts[0]", "bare.all[0].name.k=1": "bare.all[0].name is one value",
		"file=1": "1", "file=true": "true",
	} {
		k := pony(kube.SchemaPath, schema, kube.ValuesPath, defaults)
		layers, err := render.Resolve(k, []render.Layer{layer(t, "f.yaml", "file: 'x'\ntext: 1\nany: a text\n"), set(t, expr)})
		if err != nil {
			text, ok := want.(string)
			if !ok || !strings.Contains(err.Error(), text) || !strings.HasPrefix(err.Error(), "setting "+expr[:strings.Index(expr, "=")]+": ") {
				t.Errorf("%s: got %v, want %v", expr, err, want)
			}
			continue
		}
		if got := leaf(layers[1].Values); !cmp.Equal(got, want) {
			t.Errorf("%s: got %#v, want %#v", expr, got, want)
		}
	}
}

// leaf is the one value that is set.
func leaf(value any) any {
	for {
		v, ok := value.(values)
		if !ok {
			return value
		}
		for _, value = range v {
		}
	}
}

// A schema of many branches does not hold anybody up: Validate has the last word.
func TestResolveEnds(t *testing.T) {
	branches := strings.TrimSuffix(strings.Repeat(`{"$ref": "#/$defs/a"},`, 10), ",")
	k := pony(kube.SchemaPath, `{"$defs": {"a": {"type": "object", "properties": {"x": {"anyOf": [`+branches+`]}}}}, "$ref": "#/$defs/a"}`)
	if _, err := render.Resolve(k, []render.Layer{set(t, strings.Repeat("x.", 30)+"x=1")}); err != nil {
		t.Error(err)
	}
}

// A schema that takes too long, in itself or for the values, is refused.
func TestValidateEnds(t *testing.T) {
	const branch = `{"properties":{"a":{"$ref":"#/$defs/n"}},"required":["zz"]}`
	for schema, want := range map[string]string{
		`{"$ref":"#/$defs/n","$defs":{"n":{"anyOf":[` + branch + "," + branch + `]}}}`:        "values.schema.json: holding the values to it takes more than",
		strings.Repeat(`{"allOf":[`, 3000) + `{"type":"object"}` + strings.Repeat("]}", 3000): "values.schema.json: too much for a schema",
	} {
		k := pony(kube.SchemaPath, schema, kube.ValuesPath, strings.Repeat("{a: ", 60)+"1"+strings.Repeat("}", 60))
		defaults, err := render.Defaults(k)
		if err != nil {
			t.Fatal(err)
		}
		for _, ps := range []kube.Problems{render.Validate(k, defaults), render.ValidateSet(k, defaults)} {
			if !strings.HasPrefix(ps.Error(), want) || len(ps) != 1 {
				t.Errorf("got %q, want %q", ps.Error(), want)
			}
		}
	}
}

// Of many names that a schema does not know, some have what was meant.
func TestManyUnknown(t *testing.T) {
	var b strings.Builder
	for i := range 2000 {
		fmt.Fprintf(&b, "name%d: 1\n", i)
	}
	k := pony(kube.SchemaPath, `{"properties": {"nama": {}}, "additionalProperties": false}`, kube.ValuesPath, "nama: a\n")
	ps := render.Validate(k, layer(t, "values.yaml", "nama: a\n"), layer(t, "f.yaml", b.String()))
	if n := strings.Count(ps.Error(), `; the nearest is "nama"`); len(ps) != 2000 || n == 0 || n > 100 {
		t.Errorf("got %d problems, %d with what was meant", len(ps), n)
	}
}

func TestParseSetOthers(t *testing.T) {
	for expr, want := range map[string]any{
		`a={"b": [1, 1.0, null]}`: values{"a": values{"b": []any{1, 1.0, nil}}}, `a="x"`: values{"a": "x"}, `a.b=1`: values{"a": values{"b": 1}},
		"a=tweety": "setting a: what follows the = is not one value of JSON", "a=1 2": "not one value", "a=": "not one value",
		`a={"tweety": 1, "b": 2, "b": 3}`: `setting a: "b" is there twice`, "a": "write NAME=VALUE", "a=1e999": "64 bits",
	} {
		l, err := render.ParseSetJSON(expr)
		text, fails := want.(string)
		if fails && (err == nil || !strings.Contains(err.Error(), text) || strings.Contains(err.Error(), "tweety")) || !fails && (err != nil || !cmp.Equal(want, l.Values)) {
			t.Errorf("%s: got %v, %v", expr, l.Values, err)
		}
	}
	file := func(data string) func(string) ([]byte, error) {
		return func(path string) ([]byte, error) {
			if path != "x/y=z" {
				t.Errorf("reads %q", path)
			}
			return []byte(data), nil
		}
	}
	if l, err := render.ParseSetFile(`a\.b[0]=x/y=z`, file("no\n")); err != nil || !cmp.Equal(l.Values, values{"a.b": values{"[0]": "no\n"}}) {
		t.Errorf("got %v, %v", l.Values, err)
	}
	for _, data := range []string{"\xff", strings.Repeat("x", render.MaxSource+1)} {
		if _, err := render.ParseSetFile("a=x/y=z", file(data)); err == nil || !strings.Contains(err.Error(), "setting a: ") {
			t.Errorf("%d bytes: got %v", len(data), err)
		}
	}
	if _, err := render.ParseSetFile("a=x/y=z", file(strings.Repeat("x", render.MaxSource))); err != nil {
		t.Error(err)
	}
}
