package merge

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"sigs.k8s.io/kustomize/kyaml/yaml"
)

// errShape says that trees cannot be merged field by field.
var errShape = errors.New("not a tree that can be walked")

// nullTag stands for null while kyaml walks: it takes null for nothing, but here
// it is a value like others.
const nullTag = "!kpm-null"

// mergeTag is that of the key <<.
const mergeTag = "!!merge"

// prepare makes a tree fit for kyaml's walk and notes where each node is. Keys that are
// no texts, have an anchor or occur twice are refused.
func prepare(n *yaml.Node, at string, paths map[*yaml.Node]string) error {
	paths[n] = at
	switch n.Kind {
	case yaml.ScalarNode:
		if n.ShortTag() == yaml.NodeTagNull {
			n.Tag = nullTag
		}
	case yaml.DocumentNode:
		return prepare(n.Content[0], at, paths)
	case yaml.SequenceNode:
		for i, item := range n.Content {
			if err := prepare(item, at+"["+strconv.Itoa(i)+"]", paths); err != nil {
				return err
			}
		}
	case yaml.MappingNode:
		return prepareFields(n, at, paths)
	}
	return nil
}

func prepareFields(n *yaml.Node, at string, paths map[*yaml.Node]string) error {
	var seen []string
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		if key.ShortTag() != yaml.NodeTagString && key.ShortTag() != mergeTag || key.Anchor != "" || key.Value == "" || slices.Contains(seen, key.Value) {
			return errShape
		}
		seen = append(seen, key.Value)
		below := strings.TrimPrefix(at+"."+key.Value, ".")
		if err := prepare(n.Content[i+1], below, paths); err != nil {
			return err
		}
	}
	return nil
}

// comments are those of a text of one document; "" if it is no YAML.
func comments(text []byte) string {
	var tree yaml.Node
	if yaml.Unmarshal(text, &tree) != nil {
		return ""
	}
	return commentsOf(&tree)
}

// commentsOf are the lines of the comments in a tree, in one order wherever they stand.
func commentsOf(n *yaml.Node) string {
	var all []string
	var gather func(*yaml.Node)
	gather = func(n *yaml.Node) {
		for _, text := range []string{n.HeadComment, n.LineComment, n.FootComment} {
			all = append(all, strings.Fields(text)...)
		}
		for _, below := range n.Content {
			gather(below)
		}
	}
	gather(n)
	slices.Sort(all)
	return strings.Join(all, " ")
}

// canonical is what a tree says, without how it says it: comments, style, and the
// order of fields. An alias is not followed.
func canonical(n *yaml.Node) string {
	var b strings.Builder
	write(&b, n)
	return b.String()
}

func write(b *strings.Builder, n *yaml.Node) {
	switch n.Kind {
	case yaml.AliasNode:
		b.WriteString("*" + n.Value)
	case yaml.ScalarNode:
		tag, value := n.ShortTag(), n.Value
		if tag == yaml.NodeTagNull || tag == nullTag {
			tag, value = yaml.NodeTagNull, ""
		}
		b.WriteString(tag + " " + strconv.Quote(value))
	case yaml.MappingNode:
		writeFields(b, n)
	default:
		b.WriteByte('[')
		for _, item := range n.Content {
			write(b, item)
			b.WriteByte(',')
		}
		b.WriteByte(']')
	}
}

func writeFields(b *strings.Builder, n *yaml.Node) {
	var fields []string
	for i := 0; i+1 < len(n.Content); i += 2 {
		fields = append(fields, canonical(n.Content[i])+": "+canonical(n.Content[i+1]))
	}
	slices.Sort(fields)
	b.WriteString("{" + strings.Join(fields, ",") + "}")
}
