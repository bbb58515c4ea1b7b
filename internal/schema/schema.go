package schema

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"golang.org/x/text/language"
	"golang.org/x/text/message"

	"github.com/kpm-sh/kpm/internal/kube"
)

// schemaURL is what a reference inside the schema is relative to.
const schemaURL = "file:///" + kube.SchemaPath

// Schema is a values.schema.json. It is not for several goroutines at once: it counts its
// work.
type Schema struct {
	root *jsonschema.Schema
	work *work
}

// Parse reads a values.schema.json of any draft that it names, of 2020-12 if it
// names none.
func Parse(data []byte) (*Schema, kube.Problems) {
	fail := func(line int, format string, args ...any) (*Schema, kube.Problems) {
		return nil, kube.Problems{{Path: kube.SchemaPath, Line: line, Message: fmt.Sprintf(format, args...)}}
	}
	if len(data) > maxBytes {
		return fail(0, "is %d bytes, more than %d", len(data), maxBytes)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		before := data[:min(max(int(syntax.Offset), 0), len(data))]
		return fail(1+bytes.Count(before, []byte("\n")), "not JSON: %s", syntax)
	}
	if err != nil {
		return fail(0, "not JSON: %s", err)
	}
	size := size{odd: map[string]bool{}}
	if err := size.value(doc); err != nil {
		return fail(0, "too much for a schema: %s", err)
	}
	c := jsonschema.NewCompiler()
	c.UseLoader(noLoader{})
	c.UseRegexpEngine(patterns())
	if err := c.AddResource(schemaURL, doc); err != nil {
		return fail(0, "not a JSON Schema: %s", reason(err))
	}
	schema, err := c.Compile(schemaURL)
	if err != nil {
		return fail(0, "not a JSON Schema: %s", reason(err))
	}
	s := &Schema{schema, &work{}}
	known := map[*jsonschema.Schema]bool{}
	s.work.watch(schema, known)
	for _, anchor := range size.anchors {
		if part, err := c.Compile(schemaURL + anchor); err == nil {
			s.work.watch(part, known)
		}
	}
	return s, nil
}

// reason says what is wrong with a schema, of many things the first.
func reason(err error) string {
	var refused *jsonschema.SchemaValidationError
	var invalid *jsonschema.ValidationError
	if !errors.As(err, &refused) || !errors.As(refused.Err, &invalid) {
		return err.Error()
	}
	f := faults(invalid, message.NewPrinter(language.English), false)[0]
	if len(f.At) == 0 {
		return f.Message
	}
	return strings.Join(f.At, ".") + ": " + f.Message
}

// noLoader refuses references to what is not in the schema itself.
type noLoader struct{}

// Load refuses url.
func (noLoader) Load(url string) (any, error) {
	return nil, fmt.Errorf("%s is not part of the schema, and nothing else is read", url)
}
