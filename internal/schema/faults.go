package schema

import (
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strconv"

	"github.com/santhosh-tekuri/jsonschema/v6"
	rule "github.com/santhosh-tekuri/jsonschema/v6/kind"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

// Fault is one thing that a schema does not allow.
type Fault struct {
	At      []string // names and numbers of items that lead to the value
	Message string   // what is wrong with it, without its name
	Unknown bool     // the schema knows no value of that name
	Open    bool     // other values may make it right: it is missing, or one of several ways to be right
}

// Faults are what is wrong with values, which hold what JSON does.
func (s *Schema) Faults(values map[string]any) []Fault {
	var invalid *jsonschema.ValidationError
	if !errors.As(s.root.Validate(any(values)), &invalid) {
		return nil
	}
	return faults(invalid, message.NewPrinter(language.English), false)
}

// faults are the innermost causes of err; open says that they are of one of several
// ways to be right.
func faults(err *jsonschema.ValidationError, p *message.Printer, open bool) []Fault {
	switch err.ErrorKind.(type) {
	case *rule.AnyOf, *rule.OneOf, *rule.Not, *rule.Contains, *rule.MinContains, *rule.MinItems, *rule.MinProperties, *rule.Dependency, *rule.DependentRequired:
		open = true
	}
	if len(err.Causes) > 0 {
		var all []Fault
		for _, cause := range err.Causes {
			all = append(all, faults(cause, p, open)...)
		}
		return all
	}
	at := err.InstanceLocation
	var all []Fault
	switch k := err.ErrorKind.(type) {
	case *rule.AdditionalProperties:
		for _, name := range k.Properties {
			all = append(all, Fault{append(slices.Clone(at), name), "is not a value of this Kube", true, open})
		}
	case *rule.Required:
		for _, name := range k.Missing {
			all = append(all, Fault{append(slices.Clone(at), name), "is missing", false, true})
		}
	default:
		all = append(all, Fault{at, words(err.ErrorKind, p), false, open})
	}
	return all
}

// words say what is wrong with a value, without the value, a text or a number: it may
// be a password.
func words(kind jsonschema.ErrorKind, p *message.Printer) string {
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
	return kind.LocalizedString(p)
}

func decimal(r *big.Rat) string {
	f, _ := r.Float64()
	return strconv.FormatFloat(f, 'f', -1, 64)
}
