package merge

import (
	"bytes"
	"sync"

	"sigs.k8s.io/kustomize/kyaml/yaml"
	"sigs.k8s.io/kustomize/kyaml/yaml/walk"
)

// kyaml keeps its schemas in variables of the package that are not safe for
// concurrent use.
var kyaml sync.Mutex

// fields merges a document that all three have, field by field; where that cannot
// be done, line by line.
func fields(base, ours, theirs *document) ([]byte, []Clash) {
	byLine, clashes := lines(base.text, ours.text, theirs.text)
	for i := range clashes {
		clashes[i].Line += ours.line - 1
	}
	if base.tree == nil || ours.tree == nil || theirs.tree == nil {
		return byLine, clashes
	}
	merged, fieldClashes, err := walkTrees(base.tree, ours, theirs.tree)
	switch {
	case err != nil && len(clashes) == 0 && meaning(byLine) == "":
		return nil, []Clash{{ours.line, "your changes and those of the release do not fit together"}}
	case err != nil:
		return byLine, clashes
	case len(fieldClashes) > 0:
		return nil, fieldClashes
	case len(clashes) == 0 && meaning(byLine) == canonical(merged):
		return byLine, nil
	}
	text, err := encode(merged, ours.text)
	if err != nil || meaning(text) != canonical(merged) {
		return byLine, clashes
	}
	return text, nil
}

// walkTrees merges into a tree of its own. Its error says that the documents are
// not for this.
func walkTrees(base *yaml.Node, ours *document, theirs *yaml.Node) (*yaml.Node, []Clash, error) {
	// The merged tree is made of nodes of all three.
	trees := []*yaml.Node{yaml.CopyYNode(ours.tree), yaml.CopyYNode(base), yaml.CopyYNode(theirs)}
	v := &visitor{line: ours.line, paths: map[*yaml.Node]string{}, lists: map[*yaml.Node]keyedList{}}
	sources := make([]*yaml.RNode, len(trees))
	for i, tree := range trees {
		if err := prepare(tree, "", v.paths); err != nil {
			return nil, nil, err
		}
		sources[i] = yaml.NewRNode(tree.Content[0])
	}
	kyaml.Lock()
	defer kyaml.Unlock()
	root, err := walk.Walker{Visitor: v, VisitKeysAsScalars: true, Sources: sources}.Walk()
	if err != nil {
		return nil, nil, err
	}
	if root == nil {
		return nil, nil, errShape
	}
	trees[0].Content[0] = root.YNode()
	v.restore(trees[0])
	return trees[0], v.clashes, nil
}

// encode writes a tree in the manner of a text: with lists indented or not, and
// with a marker or without.
func encode(tree *yaml.Node, like []byte) ([]byte, error) {
	var out bytes.Buffer
	if isMarker(like, "---") {
		out.WriteString("---\n")
	}
	enc := yaml.NewEncoderWithOptions(&out, &yaml.EncoderOptions{SeqIndent: yaml.SequenceIndentStyle(yaml.DeriveSeqIndentStyle(string(like)))})
	if err := enc.Encode(tree); err != nil {
		return nil, err
	}
	if err := enc.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// meaning is what a text of one document says, in canonical form; "" if it is no
// YAML.
func meaning(text []byte) string {
	var tree yaml.Node
	if yaml.Unmarshal(text, &tree) != nil {
		return ""
	}
	return canonical(&tree)
}
