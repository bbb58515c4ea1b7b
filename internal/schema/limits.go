package schema

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"regexp/syntax"
	"slices"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/kpm-sh/kpm/internal/lazyregexp"
)

// Bounds on a schema, and on holding values to it. A few lines can ask for more time and
// memory than there is, and the library that reads them cannot be interrupted.
const (
	maxBytes    = 4 << 20
	maxNesting  = 100     // mappings and lists inside each other
	maxParts    = 20_000  // mappings, true and false; more for one whose place takes long to say
	maxOdd      = 1000    // places referred to that are not in $defs or definitions: each is read with all others
	maxExponent = 400     // of a number
	maxPattern  = 20_000  // instructions of a pattern
	maxPatterns = 500_000 // instructions of all patterns
	maxWork     = 500_000 // steps that values take: parts times the values that each is held to, more for deep ones
)

var errPatterns = fmt.Errorf("is too long: patterns have at most %d instructions each, and %d together", maxPattern, maxPatterns)

// size measures a document before it is compiled, which takes the square of its parts
// and the places of all of them.
type size struct {
	parts   int
	at      []string // names and numbers that lead to where the measure is
	length  int      // of these together
	anchors []string // places of what a $dynamicRef may lead to
	odd     map[string]bool
}

// defined is what a reference to a definition looks like.
var defined = lazyregexp.New(`^#(/(\$defs|definitions)/[^/]*|[^/]*)$`)

func (m *size) value(v any) error {
	if len(m.at) > maxNesting {
		return fmt.Errorf("mappings and lists are inside each other more than %d deep", maxNesting)
	}
	switch v := v.(type) {
	case map[string]any:
		if _, ok := v["$dynamicAnchor"].(string); ok {
			m.anchors = append(m.anchors, fragment(m.at))
		}
		if ref, ok := v["$ref"].(string); ok && !defined().MatchString(ref) {
			if m.odd[ref] = true; len(m.odd) > maxOdd {
				return fmt.Errorf("it refers to more than %d places that are not in $defs", maxOdd)
			}
		}
		for _, name := range slices.Sorted(maps.Keys(v)) { // of several faults the same one is told each time
			if err := m.inside(name, v[name]); err != nil {
				return err
			}
		}
		return m.part()
	case []any:
		for i, inner := range v {
			if err := m.inside(strconv.Itoa(i), inner); err != nil {
				return err
			}
		}
	case bool:
		return m.part()
	case json.Number:
		return moderate(v)
	}
	return nil
}

func (m *size) inside(name string, v any) error {
	m.at = append(m.at, name)
	m.length += len(name) + 1
	err := m.value(v)
	m.at = m.at[:len(m.at)-1]
	m.length -= len(name) + 1
	return err
}

func (m *size) part() error {
	if m.parts += 1 + m.length/128; m.parts > maxParts {
		return fmt.Errorf("it has more than %d parts", maxParts)
	}
	return nil
}

// moderate refuses a number that takes long to reckon with.
func moderate(n json.Number) error {
	_, exponent, _ := strings.Cut(strings.ToLower(n.String()), "e")
	e, err := strconv.Atoi(strings.TrimPrefix(exponent, "+"))
	if len(n) > maxExponent || exponent != "" && (err != nil || e > maxExponent || e < -maxExponent) {
		return fmt.Errorf("the number %.20s… is too long or too large", n.String())
	}
	return nil
}

// fragment is the end of an address that leads to a place.
func fragment(at []string) string {
	var b strings.Builder
	b.WriteByte('#')
	for _, name := range at {
		b.WriteString("/" + url.PathEscape(strings.NewReplacer("~", "~0", "/", "~1").Replace(name)))
	}
	return b.String()
}

// pattern is a regular expression, and how many instructions it is.
type pattern struct {
	*regexp.Regexp
	instructions int
}

// patterns compiles those of one schema.
func patterns() jsonschema.RegexpEngine {
	known, all := map[string]pattern{}, 0
	return func(text string) (jsonschema.Regexp, error) {
		if p, ok := known[text]; ok {
			return p, nil
		}
		if all > maxPatterns {
			return nil, errPatterns
		}
		re, err := syntax.Parse(text, syntax.Perl)
		if err != nil {
			return nil, err
		}
		prog, err := syntax.Compile(re.Simplify())
		if err != nil {
			return nil, err
		}
		n := len(prog.Inst)
		if all += n; n > maxPattern {
			return nil, errPatterns
		}
		compiled, err := regexp.Compile(text)
		if err != nil {
			return nil, err
		}
		known[text] = pattern{compiled, n}
		return known[text], nil
	}
}
