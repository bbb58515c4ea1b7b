package render

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/python/str"
	"github.com/kpm-sh/kpm/internal/yamlnode"
)

// ParseValues reads a file of values: one YAML document, a mapping, or nothing
// at all; or a JSON object. Words are what Kubernetes reads: no is false, 0644 is
// 420. A name has to be a text there, and to be there once. name stands before the
// line in errors, which are kube.Problems.
func ParseValues(name string, data []byte) (Layer, error) {
	l := Layer{Name: name, Values: Values{}, lines: map[string]int{}}
	r := &valueReader{file: name, lines: l.lines}
	value, line, err := r.text(data)
	l.odd = r.odd
	if err != nil || value == nil {
		return l, err
	}
	values, ok := value.(Values)
	if !ok {
		return l, problem(name, line, "is not a mapping of names to values")
	}
	l.Values = values
	return l, nil
}

// ParseOverrides reads what Overrides gave, as JSON: names of the form [N] set items of
// lists. Its lines are nobody's.
func ParseOverrides(name string, data []byte) (Layer, error) {
	l := Layer{Name: name, Values: Values{}}
	r := &valueReader{file: name, lines: map[string]int{}, items: true}
	value, _, err := r.text(data)
	if values, ok := value.(Values); ok {
		l.Values = values
	} else if err == nil && value != nil {
		err = problem(name, 0, "is not a mapping of names to values")
	}
	return l, err
}

// valueReader makes values of YAML nodes or JSON and notes their lines.
type valueReader struct {
	file  string
	items bool           // names of the form [N] are items of lists
	lines map[string]int // by JSON pointer
	nodes int            // read so far: references to the same node count each time
	odd   []oddWord
}

// text reads the one value that a text stands for, and the line where it begins.
// As for kubectl, what begins with a { is JSON if it can be.
func (r *valueReader) text(data []byte) (any, int, error) {
	if len(data) > MaxSource {
		return nil, 0, problem(r.file, 0, "is %d bytes, more than %d", len(data), MaxSource)
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if bytes.HasPrefix(bytes.TrimSpace(data), []byte("{")) {
		value, err := r.json(data)
		var ps kube.Problems
		if err == nil || errors.As(err, &ps) {
			return value, 1, err
		}
		clear(r.lines)
		r.nodes = 0
	}
	_, root, err := yamlnode.JoinSurrogates(data, func(text []byte) (*yaml.Node, error) { return document(r.file, text) })
	if err != nil || root == nil {
		return nil, 0, err
	}
	value, err := r.read(root, "", 0)
	return value, root.Line, err
}

// document is the one YAML document in data, or nil.
func document(name string, data []byte) (*yaml.Node, error) {
	root, second, err := yamlnode.Document(data)
	switch {
	case err != nil:
		line, message := yamlnode.Fault(err)
		return nil, problem(name, line, "not YAML: %s", message)
	case second > 0:
		return nil, problem(name, second, "more than one document")
	case root == nil || root.ShortTag() == "!!null":
		return nil, nil
	}
	return root, nil
}

// count refuses what holds too much.
func (r *valueReader) count(line, depth int) error {
	if r.nodes++; r.nodes > maxNodes || depth > MaxNesting {
		return problem(r.file, line, "more than %d values, or nested more than %d deep", maxNodes, MaxNesting)
	}
	return nil
}

func (r *valueReader) read(n *yaml.Node, at string, depth int) (any, error) {
	if err := r.count(n.Line, depth); err != nil {
		return nil, err
	}
	r.lines[at] = n.Line
	switch n.Kind {
	case yaml.AliasNode:
		return r.read(n.Alias, at, depth+1)
	case yaml.MappingNode:
		return r.mapping(n, at, depth)
	case yaml.SequenceNode:
		out := make([]any, len(n.Content))
		for i, c := range n.Content {
			item, err := r.read(c, at+"/"+strconv.Itoa(i), depth+1)
			if err != nil {
				return nil, err
			}
			out[i] = item
		}
		return out, nil
	}
	return r.scalar(n, at)
}

func (r *valueReader) mapping(n *yaml.Node, at string, depth int) (any, error) {
	out, own := Values{}, map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, child := n.Content[i], n.Content[i+1]
		if key.ShortTag() == "!!merge" {
			if err := r.merge(out, child, at, depth+1); err != nil {
				return nil, err
			}
			r.lines[at] = n.Line
			continue
		}
		if err := r.key(key); err != nil {
			return nil, err
		}
		if own[key.Value] {
			return nil, problem(r.file, key.Line, "%q is there twice", key.Value)
		}
		own[key.Value] = true
		full := at + "/" + pointer(key.Value)
		value, err := r.read(child, full, depth+1)
		if err != nil {
			return nil, err
		}
		out[key.Value], r.lines[full] = value, key.Line
	}
	return out, nil
}

// merge lays what follows the merge key << over a mapping that is being read: another
// mapping, or a list of some, of which the first counts. As for Kubernetes, what comes
// later in the text wins.
func (r *valueReader) merge(out Values, n *yaml.Node, at string, depth int) error {
	for n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	if n.Kind == yaml.SequenceNode {
		for _, c := range slices.Backward(n.Content) {
			if err := r.merge(out, c, at, depth+1); err != nil {
				return err
			}
		}
		return nil
	}
	if n.Kind != yaml.MappingNode {
		return problem(r.file, n.Line, "what follows << is no mapping")
	}
	value, err := r.read(n, at, depth)
	if err != nil {
		return err
	}
	maps.Copy(out, value.(Values))
	return nil
}

// key refuses a name that is no text for Kubernetes.
func (r *valueReader) key(key *yaml.Node) error {
	if key.Kind != yaml.ScalarNode {
		return problem(r.file, key.Line, "a name is not a text")
	}
	if word := r.word(key); !isText(word) {
		return problem(r.file, key.Line, "the name %s is %s in YAML, not a text: write %q", key.Value, called(word), key.Value)
	}
	return r.name(key.Value, key.Line)
}

// name refuses a name that means an item of a list, where no flag wrote it.
func (r *valueReader) name(name string, line int) error {
	if _, item := itemIndex(name); item && !r.items {
		return problem(r.file, line, "%q is no name: it is how one item of a list is set; write the list", name)
	}
	return nil
}

// word is what Kubernetes reads where n stands.
func (r *valueReader) word(n *yaml.Node) any {
	if n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle) != 0 {
		return n.Value
	}
	if n.Style&yaml.TaggedStyle != 0 && n.ShortTag() == "!!str" {
		return n.Value
	}
	return yamlnode.Word(n.Value)
}

// scalar reads a value that is neither a list nor a mapping.
func (r *valueReader) scalar(n *yaml.Node, at string) (any, error) {
	word := r.word(n)
	if n.Style&yaml.TaggedStyle != 0 {
		if tag := n.ShortTag(); tag != tagOf(word) {
			return nil, problem(r.file, n.Line, "the tag %s is not allowed here", tag)
		}
	}
	value, err := numberOf(n.Value, word)
	if err != nil {
		return nil, problem(r.file, n.Line, "%s", err)
	}
	if odd := prints(n.Value, value); odd != "" {
		r.odd = append(r.odd, oddWord{namesIn(at), n.Line, odd})
	}
	return value, nil
}

var errLarge = faultf("a number has more than 64 bits: put it in quotes if a text is meant")

// numberOf gives the values that templates reckon with: whole numbers of 64 bits, and
// others. What would lose digits is refused.
func numberOf(text string, word any) (any, error) {
	switch v := word.(type) {
	case int64:
		return int(v), nil
	case uint64:
		return nil, errLarge
	case float64:
		if math.IsInf(v, 0) || math.IsNaN(v) {
			return nil, faultf("infinity and NaN are no numbers of JSON: put them in quotes if a text is meant")
		}
		if !strings.Contains(text, ".") && !strings.ContainsAny(text, "eE") {
			if math.Abs(v) >= 1<<53 {
				return nil, errLarge
			}
			return int(v), nil // such as 08
		}
	}
	return word, nil
}

// prints says how a word is printed that is printed otherwise than it is written;
// nothing if it is not.
func prints(text string, value any) string {
	switch v := value.(type) {
	case bool:
		if text := strings.ToLower(text); text != "true" && text != "false" {
			return fmt.Sprintf("%s is %t in YAML: write %t, or %q for the text", text, v, v, text)
		}
	case int, float64:
		if printed, err := str.Str(v); err == nil && printed != text {
			return fmt.Sprintf("%s is the number %s, and is printed so: write that, or %q for the text", text, printed, text)
		}
	}
	return ""
}

func isText(value any) bool {
	_, ok := value.(string)
	return ok
}

// called says what a word is, for people.
func called(word any) string {
	switch v := word.(type) {
	case nil:
		return "nothing"
	case bool:
		return strconv.FormatBool(v)
	case string:
		return "a text"
	}
	return "a number"
}

// tagOf is the tag of YAML that says what a word is anyhow.
func tagOf(word any) string {
	switch word.(type) {
	case nil:
		return "!!null"
	case bool:
		return "!!bool"
	case string:
		return "!!str"
	case float64:
		return "!!float"
	}
	return "!!int"
}

// pointer is a name as a part of a JSON pointer.
func pointer(name string) string {
	return strings.NewReplacer("~", "~0", "/", "~1").Replace(name)
}

// namesIn are the parts of a JSON pointer.
func namesIn(at string) []string {
	parts := strings.Split(strings.TrimPrefix(at, "/"), "/")
	for i, p := range parts {
		parts[i] = strings.NewReplacer("~1", "/", "~0", "~").Replace(p)
	}
	return parts
}
