package merge

import (
	"bytes"
	"encoding/json"
	"slices"
	"sync"

	"sigs.k8s.io/kustomize/kyaml/yaml"
	"sigs.k8s.io/kustomize/kyaml/yaml/walk"
)

// kyaml keeps its schemas in variables of the package that are not safe for
// concurrent use.
var kyaml sync.Mutex

// fields merges a document that all three have, field by field; where that cannot
// be done, line by line. Lines of clashes are those of the text that it gives.
func fields(base, ours, theirs *document) ([]byte, []Clash) {
	byLine, clashes := lines(base.text, ours.text, theirs.text)
	if base.tree == nil || ours.tree == nil || theirs.tree == nil {
		return byLine, clashes
	}
	merged, found, err := walkTrees(base.tree, ours.tree, theirs.tree)
	var g goal
	if err == nil {
		g, err = goalOf(merged, len(found) > 0, base.tree, ours.tree, theirs.tree)
	}
	fits := saidBy(byLine, ours.text) != ""
	if err != nil {
		return unwalked(byLine, clashes, fits, ours, base.tree, theirs.tree)
	}
	right := fits && g.reached(byLine)
	if right && allComments(byLine, clashes, merged) {
		return byLine, located(found, merged, byLine)
	}
	text, err := encode(merged, ours.text)
	switch {
	case err == nil && g.reached(text):
		return text, located(found, merged, text)
	case right:
		return byLine, located(found, merged, byLine)
	case len(found) > 0 && len(clashes) == 0:
		return ours.text, located(found, merged, ours.text)
	}
	return unwalked(byLine, clashes, fits, ours, base.tree, theirs.tree)
}

// unwalked is what a merge by lines gives where one by fields is not to be had.
func unwalked(byLine []byte, clashes []Clash, fits bool, ours *document, others ...*yaml.Node) ([]byte, []Clash) {
	if hasAnchors(ours.tree) || slices.ContainsFunc(others, hasAnchors) {
		for i := range clashes {
			clashes[i].Text += byLines
		}
	}
	if !fits {
		return ours.text, append(clashes, unfit)
	}
	return byLine, clashes
}

// saidBy is what a merge by lines says; "" where it is no YAML any more, or no JSON, in
// which a comma too many is wrong.
func saidBy(byLine, like []byte) string {
	if json.Valid(like) && !json.Valid(byLine) {
		return ""
	}
	return meaning(byLine)
}

// allComments reports whether a merge by lines has all comments of the merged tree. Where
// lines clash, those of the release are not in it.
func allComments(byLine []byte, clashes []Clash, merged *yaml.Node) bool {
	return len(clashes) == 0 || comments(byLine) == commentsOf(merged)
}

// walkTrees merges into a tree of its own, with ours in the place of what clashes.
// Its error says that the documents are not for this.
func walkTrees(base, ours, theirs *yaml.Node) (*yaml.Node, []found, error) {
	// The merged tree is made of nodes of all three.
	trees := []*yaml.Node{copyTree(ours), copyTree(base), copyTree(theirs)}
	secret := scalar(field(ours.Content[0], "kind")) == "Secret" || scalar(field(theirs.Content[0], "kind")) == "Secret"
	v := &visitor{hide: secret, paths: map[*yaml.Node]string{}, lists: map[*yaml.Node][]*yaml.Node{}, clashed: map[*yaml.Node]bool{}}
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
	return trees[0], v.found, nil
}

// encode writes a tree in the manner of a text: with lists indented or not, and
// with a marker or without.
func encode(tree *yaml.Node, like []byte) ([]byte, error) {
	if json.Valid(like) {
		return encodeJSON(tree, like)
	}
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
