package render

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/nikolalohinski/gonja/v2/exec"
	"go.yaml.in/yaml/v3"
)

// toYAML is a value as YAML, keys sorted, without the last line end.
func toYAML(in *exec.Value, _ *exec.VarArgs) (*exec.Value, error) {
	value, err := plain(in, 0)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	enc := yaml.NewEncoder(&b)
	enc.SetIndent(2)
	if err := enc.Encode(value); err != nil {
		return nil, faultf("to_yaml: %s", err)
	}
	return exec.AsSafeValue(strings.TrimSuffix(b.String(), "\n")), nil
}

// fromYAML is the value that a YAML text stands for, read as files of values are.
func fromYAML(in *exec.Value, _ *exec.VarArgs) (*exec.Value, error) {
	r := &valueReader{lines: map[string]int{}}
	value, _, err := r.text([]byte(str(in)))
	if err != nil {
		return nil, faultf("from_yaml: %s", err)
	}
	return exec.AsValue(own(value)), nil
}

// plain is v in Go's own types.
func plain(v *exec.Value, depth int) (any, error) {
	if depth > MaxNesting {
		return nil, faultf("a value nests more than %d deep", MaxNesting)
	}
	switch {
	case v.IsNil() || asUndefined(v) != nil:
		return nil, nil
	case v.IsDict():
		out := map[string]any{}
		for _, key := range keysOf(v) {
			value, _ := item(v, key)
			child, err := plain(value, depth+1)
			if err != nil {
				return nil, err
			}
			out[str(key)] = child
		}
		return out, nil
	case v.IsList():
		items, _ := itemsOf(v)
		out := make([]any, len(items))
		for i, one := range items {
			child, err := plain(one, depth+1)
			if err != nil {
				return nil, err
			}
			out[i] = child
		}
		return out, nil
	case v.IsString(), v.IsNumber(), v.IsBool():
		return deref(v).Interface(), nil
	}
	return nil, faultf("%s has no YAML", kind(v))
}

func b64encode(in *exec.Value, _ *exec.VarArgs) (*exec.Value, error) {
	return exec.AsValue(base64.StdEncoding.EncodeToString([]byte(str(in)))), nil
}

func b64decode(in *exec.Value, _ *exec.VarArgs) (*exec.Value, error) {
	data, err := base64.StdEncoding.DecodeString(strings.TrimSpace(str(in)))
	if err != nil {
		return nil, faultf("b64decode: the text is not base64")
	}
	if !utf8.Valid(data) {
		return nil, faultf("b64decode: what is encoded is not text")
	}
	return exec.AsValue(string(data)), nil
}

func sha256Sum(in *exec.Value, _ *exec.VarArgs) (*exec.Value, error) {
	sum := sha256.Sum256([]byte(str(in)))
	return exec.AsValue(hex.EncodeToString(sum[:])), nil
}

// required refuses a value that is not defined, None or an empty text:
// required(message).
func required(in *exec.Value, params *exec.VarArgs) (*exec.Value, error) {
	if asUndefined(in) == nil && !in.IsNil() && (!in.IsString() || in.String() != "") {
		return in, nil
	}
	message := argument(params, 0, "message", nil)
	switch u := asUndefined(in); {
	case !message.IsNil():
		return nil, faultf("%s", str(message))
	case u != nil:
		return nil, faultf("a value is required: %s", u.message())
	}
	return nil, faultf("a value is required")
}

// ternary is ternary(value if true, value if not).
func ternary(in *exec.Value, params *exec.VarArgs) (*exec.Value, error) {
	if len(params.Args) != 2 {
		return nil, faultf("ternary needs two values")
	}
	if isTrue(in) {
		return params.Args[0], nil
	}
	return params.Args[1], nil
}

var groups = regexp.MustCompile(`\\(\d+)`)

// regexReplace is regex_replace(pattern, replacement), with \1 for what a group
// of the pattern found. Patterns are those of Go, which take linear time.
func regexReplace(in *exec.Value, params *exec.VarArgs) (*exec.Value, error) {
	pattern, err := regexp.Compile(str(argument(params, 0, "pattern", "")))
	if err != nil {
		return nil, faultf("regex_replace: %s", err)
	}
	text := str(in)
	with := strings.ReplaceAll(str(argument(params, 1, "replacement", "")), "$", "$$")
	with = groups.ReplaceAllString(with, "$${${1}}")
	if (len(pattern.FindAllStringIndex(text, -1))+1)*(len(with)+1) > MaxOutput {
		return nil, faultf("regex_replace: a text has more than %d bytes", MaxOutput)
	}
	return exec.AsValue(pattern.ReplaceAllString(text, with)), nil
}
