package merge

import (
	"slices"
	"strings"

	"sigs.k8s.io/kustomize/kyaml/yaml"
)

// aliasTag stands for an alias while kyaml walks, which would drop what it stands for.
const aliasTag = "!kpm-alias"

// byLines is told with clashes of lines where a merge by fields cannot keep anchors.
const byLines = ", and anchors do not let it be merged field by field"

// hasAnchors reports whether a tree has anchors or aliases.
func hasAnchors(n *yaml.Node) bool {
	if n.Anchor != "" || n.Kind == yaml.AliasNode {
		return true
	}
	for _, below := range n.Content {
		if hasAnchors(below) {
			return true
		}
	}
	return false
}

// copyTree copies a tree, with aliases as words of their own.
func copyTree(n *yaml.Node) *yaml.Node {
	out := *n
	if n.Kind == yaml.AliasNode {
		out.Kind, out.Tag, out.Value, out.Alias = yaml.ScalarNode, aliasTag, "*"+n.Value, nil
	}
	out.Content = nil
	for _, below := range n.Content {
		out.Content = append(out.Content, copyTree(below))
	}
	return &out
}

// restoreAlias takes back what copyTree did.
func restoreAlias(n *yaml.Node) {
	if n.Tag == aliasTag {
		n.Kind, n.Tag, n.Value = yaml.AliasNode, "", strings.TrimPrefix(n.Value, "*")
	}
}

// maxSpelled bounds what aliases may stand for.
const maxSpelled = 100_000

// spelled copies a tree with what each alias stands for in its place. It is nil where
// that is too much, as where an alias is within its own anchor.
func spelled(n *yaml.Node) *yaml.Node {
	left := maxSpelled
	var spell func(n *yaml.Node) *yaml.Node
	spell = func(n *yaml.Node) *yaml.Node {
		if n.Kind == yaml.AliasNode {
			n = n.Alias
		}
		if left--; n == nil || left < 0 {
			return nil
		}
		out := *n
		out.Anchor, out.Content = "", nil
		for _, below := range n.Content {
			item := spell(below)
			if item == nil {
				return nil
			}
			out.Content = append(out.Content, item)
		}
		return &out
	}
	return spell(n)
}

// goal is what a merged text is to say: as it stands, and spelled out where it has
// anchors.
type goal struct{ said, spelled string }

func (g goal) reached(text []byte) bool {
	var tree yaml.Node
	if yaml.Unmarshal(text, &tree) != nil || canonical(&tree) != g.said {
		return false
	}
	if g.spelled == "" {
		return true
	}
	whole := spelled(&tree)
	return whole != nil && canonical(whole) == g.spelled
}

// goalOf is the goal of trees that were merged. With anchors it is what comes out where
// each side is spelled out before: a merge that means something else is not taken.
func goalOf(merged *yaml.Node, clash bool, sides ...*yaml.Node) (goal, error) {
	g := goal{said: canonical(merged)}
	if !slices.ContainsFunc(sides, hasAnchors) {
		return g, nil
	}
	trees := make([]*yaml.Node, len(sides))
	for i, side := range sides {
		if trees[i] = spelled(side); trees[i] == nil {
			return g, errShape
		}
	}
	whole, found, err := walkTrees(trees[0], trees[1], trees[2])
	if err != nil || len(found) > 0 != clash {
		return g, errShape
	}
	g.spelled = canonical(whole)
	return g, nil
}
