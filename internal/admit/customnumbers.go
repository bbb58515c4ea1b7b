package admit

import (
	"fmt"
	"math"
	"strconv"
)

// number holds a number to its definition as servers do, who hold whole numbers to the
// whole part of what bounds them (k8s.io/kube-openapi, pkg/validation/validate).
func (s *schemaWalker) number(at *path, v any, schema object) {
	for _, key := range []string{"minimum", "maximum", "multipleOf"} {
		end, ok := float(schema[key])
		if !ok {
			continue
		}
		text := beyond(key, v, end, schema)
		switch {
		case text != "":
			s.add(at, Range, "is %v, and %s", v, text)
		case !fitsType(end, schema):
			s.since(strictNumbers, at, Range, "is refused whatever it is: %s of its definition is %v, and %s", key, schema[key], unfit(schema[key], schema))
		}
	}
	if !fitsType(v, schema) {
		s.since(strictNumbers, at, Range, "is %v, and %s", v, unfit(nil, schema))
	}
}

func float(v any) (float64, bool) {
	switch n := v.(type) {
	case int64:
		return float64(n), true
	case float64:
		return n, true
	}
	return 0, false
}

// beyond says what is wrong with a number by what bounds it.
func beyond(key string, v any, end float64, schema object) string {
	n, whole := whole(v)
	if !whole {
		n, _ := float(v)
		return outsideOf(key, n, end, schema)
	}
	if math.Abs(end) >= 1<<63 {
		return "" // what is left of it in 64 bits is another number on each processor
	}
	if cut := int64(end); key != "multipleOf" {
		return outsideOf(key, n, cut, schema)
	} else if cut <= 0 {
		return fmt.Sprintf("servers take no whole number for a multiple of %v", end)
	} else if n%cut != 0 {
		return fmt.Sprintf("has to be a multiple of %d", cut)
	}
	return ""
}

// outsideOf says what is wrong with a number by a bound of its own type.
func outsideOf[N int64 | float64](key string, n, end N, schema object) string {
	switch {
	case key == "multipleOf" && !multiple(float64(n), float64(end)):
		return fmt.Sprintf("has to be a multiple of %v", end)
	case key == "minimum" && schema.is("exclusiveMinimum") && n <= end:
		return fmt.Sprintf("has to be more than %v", end)
	case key == "minimum" && n < end:
		return fmt.Sprintf("has to be at least %v", end)
	case key == "maximum" && schema.is("exclusiveMaximum") && n >= end:
		return fmt.Sprintf("has to be less than %v", end)
	case key == "maximum" && n > end:
		return fmt.Sprintf("has to be at most %v", end)
	}
	return ""
}

// maxCertain is the last whole number up to which no other has the same digits as a float64.
const maxCertain = 1<<53 - 1

// multiple tells whether a number is some times another, nearly, as servers count it.
func multiple(n, of float64) bool {
	times := n / of
	if of < 1 {
		times = 1 / of * n
	}
	return of > 0 && math.Abs(times) <= maxCertain && math.Abs(times-math.Round(times)) <= 2e-9*math.Abs(times)
}

// fitsType tells whether a number is one of its type and format. Bounds are never int64: of
// their digits servers know those that a float64 has.
func fitsType(v any, schema object) bool {
	text, format := "", schema.text("format")
	switch n := v.(type) {
	case int64:
		text = strconv.FormatInt(n, 10)
	case float64:
		text = strconv.FormatFloat(n, 'f', -1, 64)
	}
	var err error
	switch {
	case schema.is("x-kubernetes-int-or-string"):
	case schema.text("type") == "integer" && format == "int32":
		_, err = strconv.ParseInt(text, 10, 32)
	case schema.text("type") == "integer":
		_, err = strconv.ParseInt(text, 10, 64)
	case schema.text("type") == "number" && format == "float":
		_, err = strconv.ParseFloat(text, 32)
	}
	return err == nil
}

// unfit says why a number does not fit its type, which may bound it.
func unfit(bound any, schema object) string {
	_, whole := bound.(int64)
	switch {
	case schema.text("type") == "number":
		return "has to be a number that fits 32 bits"
	case schema.text("format") == "int32":
		return "has to be a whole number that fits 32 bits"
	case whole:
		return "servers round it to what does not fit 64 bits"
	}
	return "has to be a whole number that fits 64 bits"
}
