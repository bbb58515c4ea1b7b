package schema

import (
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"

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

// Faults are what is wrong with values, which hold what JSON does. The error is that
// this takes too long to find out.
func (s *Schema) Faults(values map[string]any) ([]Fault, error) {
	s.work.steps, s.work.each = 0, 1+depth(values)/16
	err := s.root.Validate(any(values))
	if err := s.work.done(); err != nil {
		return nil, err
	}
	var invalid *jsonschema.ValidationError
	if !errors.As(err, &invalid) {
		return nil, nil
	}
	return faults(invalid, message.NewPrinter(language.English), false), nil
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
		all = append(all, Fault{at, cut(words(err.ErrorKind, p)), false, open})
	}
	return all
}

// words say what is wrong with a value, without the value, a text or a number: it may
// be a password.
func words(kind jsonschema.ErrorKind, p *message.Printer) string {
	switch k := kind.(type) {
	case *rule.Enum:
		if more := len(k.Want) - maxWords; more > 0 {
			some := rule.Enum{Want: k.Want[:maxWords]}
			return fmt.Sprintf("%s, or one of %d more", some.LocalizedString(p), more)
		}
	case *rule.Pattern:
		return fmt.Sprintf("does not match pattern '%s'", k.Want)
	case *rule.Format:
		if errors.Is(k.Err, errPatterns) {
			return k.Err.Error()
		}
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

// maxWords and maxText bound what is said of one value: there may be many.
const (
	maxWords = 20
	maxText  = 1000 // bytes
)

func cut(text string) string {
	if len(text) <= maxText {
		return text
	}
	return strings.ToValidUTF8(text[:maxText], "") + "…"
}

func decimal(r *big.Rat) string {
	f, _ := r.Float64()
	return strconv.FormatFloat(f, 'f', -1, 64)
}
