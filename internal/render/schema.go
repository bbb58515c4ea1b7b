package render

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/big"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	rule "github.com/santhosh-tekuri/jsonschema/v6/kind"
	"golang.org/x/text/language"
	"golang.org/x/text/message"

	"github.com/kpm-sh/kpm/internal/kube"
)

// Validate holds the merged layers against the values.schema.json of the Kube,
// if it has one. Each problem names the file or flag of the last layer that set
// the value, its line, and the value's name. The schema is all there is: a
// reference to another file or address is a problem of the schema.
func Validate(k *kube.Kube, layers ...Layer) kube.Problems {
	data, ok := k.File(kube.SchemaPath)
	if !ok {
		return nil
	}
	schema, ps := compile(data)
	if schema == nil {
		return ps
	}
	var invalid *jsonschema.ValidationError
	if err := schema.Validate(any(Merge(layers...))); !errors.As(err, &invalid) {
		return nil
	}
	j := &judgement{layers: layers, printer: message.NewPrinter(language.English)}
	j.add(invalid)
	j.problems.Sort()
	return slices.Compact(j.problems)
}

// schemaURL is what a reference inside the schema is relative to.
const schemaURL = "file:///" + kube.SchemaPath

func compile(data []byte) (*jsonschema.Schema, kube.Problems) {
	fail := func(line int, format string, args ...any) (*jsonschema.Schema, kube.Problems) {
		return nil, kube.Problems{{Path: kube.SchemaPath, Line: line, Message: fmt.Sprintf(format, args...)}}
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		before := data[:min(max(int(syntax.Offset), 0), len(data))]
		return fail(1+bytes.Count(before, []byte("\n")), "not JSON: %s", syntax)
	}
	if err != nil {
		return fail(0, "not JSON: %s", err)
	}
	c := jsonschema.NewCompiler()
	c.UseLoader(noLoader{})
	if err := c.AddResource(schemaURL, doc); err != nil {
		return fail(0, "not a JSON Schema: %s", oneLine(err))
	}
	schema, err := c.Compile(schemaURL)
	if err != nil {
		return fail(0, "not a JSON Schema: %s", oneLine(err))
	}
	return schema, nil
}

func oneLine(err error) string {
	text := strings.ReplaceAll(err.Error(), schemaURL, "")
	return strings.Join(strings.Fields(text), " ")
}

// noLoader refuses references to what is not in the schema itself.
type noLoader struct{}

// Load refuses url.
func (noLoader) Load(url string) (any, error) {
	return nil, faultf("%s is not part of the schema, and nothing else is read", url)
}

// judgement collects what is wrong with values.
type judgement struct {
	layers   []Layer
	printer  *message.Printer
	problems kube.Problems
}

// add reports the innermost causes of err.
func (j *judgement) add(err *jsonschema.ValidationError) {
	if len(err.Causes) > 0 {
		for _, cause := range err.Causes {
			j.add(cause)
		}
		return
	}
	at := err.InstanceLocation
	switch k := err.ErrorKind.(type) {
	case *rule.AdditionalProperties:
		for _, name := range k.Properties {
			j.report(append(slices.Clone(at), name), "is not a value of this Kube"+j.instead(at, name))
		}
	case *rule.Required:
		for _, name := range k.Missing {
			j.report(append(slices.Clone(at), name), "is missing")
		}
	default:
		j.report(at, j.words(err.ErrorKind))
	}
}

// words say what is wrong with a value, without the value, a text or a number: it may
// be a password.
func (j *judgement) words(kind jsonschema.ErrorKind) string {
	switch k := kind.(type) {
	case *rule.Pattern:
		return fmt.Sprintf("does not match pattern '%s'", k.Want)
	case *rule.Format:
		return "is not a valid " + k.Want
	case *rule.ContentEncoding:
		return "is not encoded in " + k.Want
	case *rule.ContentMediaType:
		return "is not of media type " + k.Want
	case *rule.Minimum:
		return "is less than " + decimal(k.Want)
	case *rule.Maximum:
		return "is more than " + decimal(k.Want)
	case *rule.ExclusiveMinimum:
		return "is not more than " + decimal(k.Want)
	case *rule.ExclusiveMaximum:
		return "is not less than " + decimal(k.Want)
	case *rule.MultipleOf:
		return "is no multiple of " + decimal(k.Want)
	}
	return kind.LocalizedString(j.printer)
}

func decimal(r *big.Rat) string {
	f, _ := r.Float64()
	return strconv.FormatFloat(f, 'f', -1, 64)
}

func (j *judgement) report(at []string, text string) {
	p := kube.Problem{Message: strings.TrimPrefix(dotted(at)+": "+text, ": ")}
	p.Path, p.Line = j.place(at)
	j.problems = append(j.problems, p)
}

// place is where the value at a location, or else what is around it, was set
// last. Who only repeats it, as hooks do with what they are given, did not set it.
func (j *judgement) place(at []string) (string, int) {
	for n := len(at); n > 0; n-- {
		for i := len(j.layers) - 1; i >= 0; i-- {
			value, ok := find(j.layers[i].Values, at[:n])
			if !ok {
				continue
			}
			for below := i - 1; below >= 0; below-- {
				same, ok := find(j.layers[below].Values, at[:n])
				if ok && !reflect.DeepEqual(same, value) {
					break
				}
				if ok {
					i = below
				}
			}
			return j.layers[i].Name, j.layers[i].lines[jsonPointer(at[:n])]
		}
	}
	if len(j.layers) == 0 {
		return "", 0
	}
	return j.layers[0].Name, 0
}

// find gives what a layer sets at a location, if it does.
func find(value any, at []string) (any, bool) {
	if len(at) == 0 {
		return value, true
	}
	switch v := value.(type) {
	case Values:
		child, ok := v[at[0]]
		if !ok {
			child, ok = v["["+at[0]+"]"]
		}
		if ok {
			return find(child, at[1:])
		}
	case []any:
		for i, child := range v {
			if fmt.Sprint(i) == at[0] {
				return find(child, at[1:])
			}
		}
	}
	return nil, false
}

// instead is how a message goes on about a name that the schema does not know. One
// that the Kube's own values have is a fault of the Kube.
func (j *judgement) instead(at []string, name string) string {
	known := j.known(at)
	if slices.Contains(known, name) {
		return ": " + kube.ValuesPath + " has it, " + kube.SchemaPath + " does not"
	}
	return suggest(name, known)
}

// known are the names that the first layer, the Kube's own, has at a location.
func (j *judgement) known(at []string) []string {
	if len(j.layers) == 0 {
		return nil
	}
	values := j.layers[0].Values
	for _, name := range at {
		values, _ = values[name].(Values)
	}
	return slices.Sorted(maps.Keys(values))
}

func jsonPointer(at []string) string {
	var b strings.Builder
	for _, name := range at {
		b.WriteString("/" + pointer(name))
	}
	return b.String()
}

// dotted is a location as --set has it.
func dotted(at []string) string {
	var b strings.Builder
	for _, name := range at {
		switch {
		case strings.Trim(name, "0123456789") == "" && b.Len() > 0:
			b.WriteString("[" + name + "]")
		case b.Len() > 0:
			b.WriteString("." + name)
		default:
			b.WriteString(name)
		}
	}
	return b.String()
}
