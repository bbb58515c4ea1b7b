package render

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"math/big"
	"regexp"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/kpm-sh/kpm/internal/lazyregexp"
	"github.com/kpm-sh/kpm/internal/python"
	"github.com/kpm-sh/kpm/internal/python/methods"
	"github.com/kpm-sh/kpm/internal/python/str"
)

// kubeFilters are those that manifests need and Jinja has not.
var kubeFilters = map[string]filter{
	"to_yaml":       {"", false, toYAML},
	"to_json":       {"", false, toJSON},
	"from_yaml":     {"", false, fromYAML},
	"b64encode":     {"", false, b64encode},
	"b64decode":     {"", false, b64decode},
	"quote":         {"", false, quoted},
	"sha256":        {"", false, sha256Sum},
	"required":      {"message=", true, required},
	"ternary":       {"true_value false_value", false, ternary},
	"regex_replace": {"pattern replacement=", false, regexReplace},
}

// toYAML is a value as YAML, keys sorted, without the last line end.
func toYAML(_ *frame, v any, _ []any) (any, error) {
	value, err := (&plainer{}).plain(v, 0)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	enc := yaml.NewEncoder(&b)
	enc.SetIndent(2)
	if err := enc.Encode(value); err != nil {
		return nil, faultf("to_yaml: %s", err)
	}
	return strings.TrimSuffix(b.String(), "\n"), nil
}

// fromYAML is the value that a YAML text stands for, read as files of values are.
func fromYAML(_ *frame, v any, _ []any) (any, error) {
	text, err := str.Str(v)
	if err != nil {
		return nil, err
	}
	r := &valueReader{lines: map[string]int{}}
	value, _, err := r.text([]byte(text))
	if err != nil {
		return nil, faultf("from_yaml: %s", err)
	}
	return own(value), nil
}

// plainer makes values of Go's own types.
type plainer struct{ nodes int }

func (p *plainer) plain(v any, depth int) (any, error) {
	if p.nodes++; p.nodes > maxNodes || depth > MaxNesting {
		return nil, faultf("a value holds more than %d values, or nests more than %d deep", maxNodes, MaxNesting)
	}
	if s, ok := python.Text(v); ok {
		return s, nil
	}
	switch v := v.(type) {
	case nil, bool, int, float64:
		return v, nil
	case *big.Int:
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!int", Value: v.String()}, nil
	case *python.Dict:
		return p.mapping(v, depth)
	case *python.List:
		return p.list(v.Items, depth)
	case *python.Tuple:
		return p.list(v.Items, depth)
	case *python.Undefined:
		return nil, python.Use(v)
	}
	return nil, faultf("%s has no YAML", python.Kind(v))
}

func (p *plainer) mapping(d *python.Dict, depth int) (any, error) {
	out := map[string]any{}
	for i, key := range d.Keys() {
		name, err := str.Str(key)
		if err != nil {
			return nil, err
		}
		if out[name], err = p.plain(d.Values()[i], depth+1); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (p *plainer) list(items []any, depth int) (any, error) {
	out := make([]any, len(items))
	for i, one := range items {
		child, err := p.plain(one, depth+1)
		if err != nil {
			return nil, err
		}
		out[i] = child
	}
	return out, nil
}

func b64encode(_ *frame, v any, _ []any) (any, error) {
	s, err := str.Str(v)
	return base64.StdEncoding.EncodeToString([]byte(s)), err
}

func b64decode(_ *frame, v any, _ []any) (any, error) {
	s, err := str.Str(v)
	if err != nil {
		return nil, err
	}
	data, err := base64.StdEncoding.DecodeString(strings.TrimSpace(s))
	if err != nil {
		return nil, faultf("b64decode: the text is not base64")
	}
	if !utf8.Valid(data) {
		return nil, faultf("b64decode: what is encoded is not text")
	}
	return string(data), nil
}

func sha256Sum(_ *frame, v any, _ []any) (any, error) {
	s, err := str.Str(v)
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:]), err
}

// required refuses a value that is not defined, None or an empty text:
// required(message).
func required(_ *frame, v any, a []any) (any, error) {
	u, isUndefined := v.(*python.Undefined)
	if s, ok := python.Text(v); !isUndefined && v != nil && (!ok || s != "") {
		return v, nil
	}
	if methods.Given(a[0]) {
		message, err := str.Str(a[0])
		if err != nil {
			return nil, err
		}
		return nil, faultf("%s", message)
	}
	if isUndefined {
		return nil, missing(u)
	}
	return nil, faultf("a value is required")
}

// ternary is ternary(value if true, value if not).
func ternary(_ *frame, v any, a []any) (any, error) {
	yes, err := python.Truth(v)
	if yes {
		return a[0], err
	}
	return a[1], err
}

var groupReference = lazyregexp.New(`\\(\d+)`)

// regexReplace is regex_replace(pattern, replacement), with \1 for what a group
// of the pattern found. Patterns are those of Go, which take linear time.
func regexReplace(_ *frame, v any, a []any) (any, error) {
	var parts [3]string
	for i, part := range []any{v, a[0], a[1]} {
		if !methods.Given(part) {
			continue
		}
		var err error
		if parts[i], err = str.Str(part); err != nil {
			return nil, err
		}
	}
	text, with := parts[0], parts[2]
	pattern, err := regexp.Compile(parts[1])
	if err != nil {
		return nil, faultf("regex_replace: %s", err)
	}
	with = strings.ReplaceAll(with, "$", "$$")
	with = groupReference().ReplaceAllString(with, "$${${1}}")
	if (len(pattern.FindAllStringIndex(text, -1))+1)*(len(with)+1) > MaxOutput {
		return nil, faultf("regex_replace: a text has more than %d bytes", MaxOutput)
	}
	return pattern.ReplaceAllString(text, with), nil
}
