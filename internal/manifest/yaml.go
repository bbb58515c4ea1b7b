package manifest

import (
	"errors"
	"math"
	"strings"

	"go.yaml.in/yaml/v3"
	sigs "sigs.k8s.io/yaml"

	"github.com/kpm-sh/kpm/internal/lazyregexp"
	"github.com/kpm-sh/kpm/internal/yamlnode"
)

// yaml reads the documents of a YAML file. Each is read twice: as nodes, which
// know their lines, and as Kubernetes reads it.
func (f *file) yaml(data []byte) {
	for _, doc := range split(data) {
		text, root, err := yamlnode.JoinSurrogates(doc.text, parseNode)
		doc.text = text
		if err != nil {
			f.syntax(doc, err)
			continue
		}
		if root == nil || isNull(root) {
			continue
		}
		f.document(doc, root)
	}
}

// document takes a document that has something in it.
func (f *file) document(doc document, root *yaml.Node) {
	line := doc.line + root.Line - 1
	if root.Kind != yaml.MappingNode {
		f.errorf(line, "a document is %s, not an object", describe(root))
		return
	}
	before := len(f.problems)
	f.walk(doc, root, 0)
	if len(f.problems) > before {
		return
	}
	text, err := sigs.YAMLToJSON(doc.text)
	if err != nil {
		f.syntax(doc, err)
		return
	}
	f.value(place{line: line, items: doc.itemLines(root)}, text)
}

// parseNode reads the one document in text; it is nil when there is none.
func parseNode(text []byte) (*yaml.Node, error) {
	root, second, err := yamlnode.Document(text)
	if err == nil && second > 0 { // YAML knows more ends of lines than those that split a file
		err = errors.New("a document marker that does not begin a line")
	}
	return root, err
}

// walk reports keys that are there twice in one mapping, numbers that JSON has not, and
// nesting beyond MaxDepth. It does not follow aliases.
func (f *file) walk(doc document, n *yaml.Node, depth int) {
	if depth > MaxDepth {
		f.errorf(doc.line+n.Line-1, "nests deeper than %d levels", MaxDepth)
		return
	}
	if n.Kind == yaml.MappingNode {
		seen := make(map[string]int, len(n.Content)/2)
		for i := 0; i < len(n.Content); i += 2 {
			key := n.Content[i]
			line := doc.line + key.Line - 1
			if key.Kind != yaml.ScalarNode {
				continue
			}
			if isNull(key) {
				f.errorf(line, "a key is null, and has to be a text")
			}
			name := keyOf(key)
			if first, dup := seen[name]; dup && name != key.Value {
				f.errorf(line, "key %s is read as %q, which is there already, in line %d: put it in quotes if a text is meant", key.Value, name, first)
			} else if dup {
				f.errorf(line, "key %q is there twice, first in line %d", name, first)
			} else {
				seen[name] = line
			}
		}
	}
	if n.Kind == yaml.ScalarNode && n.Style == 0 {
		if v, ok := yamlnode.Word(n.Value).(float64); ok && (math.IsInf(v, 0) || math.IsNaN(v)) {
			f.errorf(doc.line+n.Line-1, "%s is no number that an object can have: put it in quotes if a text is meant", n.Value)
		}
	}
	for _, c := range n.Content {
		f.walk(doc, c, depth+1)
	}
}

// keyOf is what Kubernetes makes of a key: yes and on are both "true".
func keyOf(key *yaml.Node) string {
	const quoted = yaml.SingleQuotedStyle | yaml.DoubleQuotedStyle | yaml.LiteralStyle | yaml.FoldedStyle
	if key.Style&quoted != 0 || key.Style&yaml.TaggedStyle != 0 {
		return key.Value
	}
	if name, ok := yamlnode.KeyWord(key.Value); ok {
		return name
	}
	return key.Value
}

// syntax reports what a YAML reader says of a document, in our form.
func (f *file) syntax(doc document, err error) {
	n, msg := yamlnode.Fault(err)
	line := doc.line + max(n, 1) - 1
	for i, text := range strings.Split(string(doc.text), "\n") {
		switch {
		case isConflict(text):
			f.errorf(doc.line+i, "a merge conflict was left in the file")
			return
		case templated().MatchString(text):
			f.errorf(doc.line+i, "not YAML, but looks like a template: let its name end in .tmpl")
			return
		case doc.line+i == line && indentTab().MatchString(text):
			f.errorf(line, "tab in the indentation: use spaces")
			return
		}
	}
	if n == 0 {
		more, better := placeless(doc.text, msg)
		line, msg = doc.line+more, better
	}
	f.errorf(line, "not YAML: %s", msg)
}

func isConflict(line string) bool {
	return strings.HasPrefix(line, "<<<<<<< ") || strings.HasPrefix(line, ">>>>>>> ")
}

var (
	indentTab = lazyregexp.New(`^ *\t`)
	templated = lazyregexp.New(`\{\{.*\}\}|\{%.*%\}`)
)

func isNull(n *yaml.Node) bool {
	return n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null"
}

func describe(n *yaml.Node) string {
	switch n.Kind {
	case yaml.SequenceNode:
		return "a list"
	case yaml.AliasNode:
		return "an alias"
	}
	return "a text or number"
}
