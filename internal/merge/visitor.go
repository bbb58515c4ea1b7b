package merge

import (
	"strings"

	"sigs.k8s.io/kustomize/kyaml/openapi"
	"sigs.k8s.io/kustomize/kyaml/yaml"
	"sigs.k8s.io/kustomize/kyaml/yaml/walk"
)

// visitor decides what becomes of each node that kyaml walks to. It is in the
// place of merge3.Visitor, which takes the release's side without a word where
// both changed a value, or one removed what the other changed.
//
// In the sources of a node dest is ours, origin base, and updated theirs.
type visitor struct {
	hide    bool // values are those of a Secret
	paths   map[*yaml.Node]string
	lists   map[*yaml.Node][]*yaml.Node // the elements of lists with keys
	found   []found
	clashed map[*yaml.Node]bool // all that is below what clashes
}

// pick gives the side to take where one is the same as another, nil for one that
// has nothing there. It is not ok when all three differ.
func pick(s walk.Sources) (n *yaml.RNode, ok bool) {
	ours, base, theirs := s.Dest(), s.Origin(), s.Updated()
	switch {
	case alike(ours, theirs) || alike(base, theirs):
		return present(ours), true
	case alike(ours, base):
		return present(theirs), true
	}
	return present(ours), false
}

func alike(a, b *yaml.RNode) bool {
	if a.IsNil() || b.IsNil() {
		return a.IsNil() == b.IsNil()
	}
	return canonical(a.YNode()) == canonical(b.YNode())
}

// present is n, or the nil that removes a node.
func present(n *yaml.RNode) *yaml.RNode {
	if n.IsNil() {
		return walk.ClearNode
	}
	return n
}

// VisitMap lets kyaml go on into what both sides have.
func (v *visitor) VisitMap(s walk.Sources, _ *openapi.ResourceSchema) (*yaml.RNode, error) {
	if !s.Dest().IsNil() && !s.Updated().IsNil() {
		return s.Dest(), nil
	}
	return v.whole(s), nil
}

// VisitScalar is called for the keys of fields, too.
func (v *visitor) VisitScalar(s walk.Sources, _ *openapi.ResourceSchema) (*yaml.RNode, error) {
	n, ok := pick(s)
	if !ok && many(s) {
		if text, clashes := lines([]byte(s.Origin().YNode().Value), []byte(s.Dest().YNode().Value), []byte(s.Updated().YNode().Value)); len(clashes) == 0 {
			n, ok = yaml.NewRNode(yaml.CopyYNode(s.Dest().YNode())), true
			n.YNode().Value = string(text)
		}
	}
	if !ok {
		return v.whole(s), nil
	}
	comment(n, s)
	return n, nil
}

// many reports whether all sides are texts of several lines.
func many(s walk.Sources) bool {
	for _, n := range s {
		if n.IsNil() || n.YNode().ShortTag() != yaml.NodeTagString || !strings.Contains(n.YNode().Value, "\n") {
			return false
		}
	}
	return true
}

// comment gives a node that was taken the comments of the side that changed them.
func comment(n *yaml.RNode, s walk.Sources) {
	if n.IsNil() || s.Dest().IsNil() || s.Origin().IsNil() || s.Updated().IsNil() {
		return
	}
	to, ours, base, theirs := n.YNode(), *s.Dest().YNode(), *s.Origin().YNode(), *s.Updated().YNode()
	to.HeadComment = either(base.HeadComment, ours.HeadComment, theirs.HeadComment)
	to.LineComment = either(base.LineComment, ours.LineComment, theirs.LineComment)
	to.FootComment = either(base.FootComment, ours.FootComment, theirs.FootComment)
}

// VisitList lets kyaml go on into lists with keys, and merges others.
func (v *visitor) VisitList(s walk.Sources, schema *openapi.ResourceSchema, kind walk.ListKind) (*yaml.RNode, error) {
	switch {
	case s.Dest().IsNil() || s.Updated().IsNil():
		return v.whole(s), nil
	case kind == walk.NonAssociateList:
		return v.list(s)
	}
	_, keys := schema.PatchStrategyAndKeyList()
	v.rekeyed(s, keys)
	ids, ok := orderOf(s, keys)
	if !ok {
		return nil, errShape
	}
	return s.Dest(), v.elements(s, schema, keys, ids)
}

// elements merges a list whose elements have keys, in the order that it is to have: kyaml
// would append what is new, but the order of init containers counts, and compare each
// element with all others. It finds nothing to go on into then; restore puts the elements
// back.
func (v *visitor) elements(s walk.Sources, schema *openapi.ResourceSchema, keys, ids []string) error {
	sides := make([]map[string]*yaml.RNode, len(s))
	for i, side := range s {
		sides[i] = map[string]*yaml.RNode{}
		for _, n := range side.Content() {
			sides[i][id(n, keys)] = yaml.NewRNode(n)
		}
	}
	var merged []*yaml.Node
	for _, at := range ids {
		sources := make(walk.Sources, len(s))
		for i := range s {
			sources[i] = sides[i][at]
		}
		n, err := walk.Walker{Visitor: v, VisitKeysAsScalars: true, Schema: schema.Elements(), Sources: sources}.Walk()
		if err != nil {
			return err
		}
		if !yaml.IsMissingOrNull(n) && !yaml.IsEmptyMap(n) {
			merged = append(merged, n.YNode())
		}
	}
	for _, side := range s {
		if !side.IsNil() {
			side.YNode().Content = nil
		}
	}
	v.lists[s.Dest().YNode()] = merged
	return nil
}

// list merges a list without keys. Where the changes of both do not go together, all of
// the list stays ours.
func (v *visitor) list(s walk.Sources) (*yaml.RNode, error) {
	ours := s.Dest().Content()
	base, theirs := []*yaml.Node(nil), s.Updated().Content()
	if !s.Origin().IsNil() {
		base = s.Origin().Content()
	}
	items, ok := plainList(canonicals(base), canonicals(ours), canonicals(theirs))
	if !ok {
		v.clash(s)
		return s.Dest(), nil
	}
	var merged []*yaml.Node
	for _, it := range items {
		switch {
		case it.ours < 0:
			merged = append(merged, theirs[it.theirs])
		case it.theirs < 0:
			merged = append(merged, ours[it.ours])
		default:
			n, err := v.each(ours[it.ours], base[it.base], theirs[it.theirs])
			if err != nil {
				return nil, err
			}
			merged = append(merged, n)
		}
	}
	s.Dest().YNode().Content = merged
	return s.Dest(), nil
}

// each merges an element that is in one place on all sides.
func (v *visitor) each(ours, base, theirs *yaml.Node) (*yaml.Node, error) {
	sources := walk.Sources{yaml.NewRNode(ours), yaml.NewRNode(base), yaml.NewRNode(theirs)}
	if ours.Kind != base.Kind || ours.Kind != theirs.Kind {
		return v.whole(sources).YNode(), nil
	}
	n, err := walk.Walker{Visitor: v, VisitKeysAsScalars: true, Sources: sources}.Walk()
	if err != nil {
		return nil, err
	}
	if n.IsNil() {
		return nil, errShape
	}
	return n.YNode(), nil
}

func canonicals(nodes []*yaml.Node) []string {
	var all []string
	for _, n := range nodes {
		all = append(all, canonical(n))
	}
	return all
}

// whole takes a node from one side, or notes that it clashes. kyaml goes on into what
// is taken: in a clash it must find ours there on all sides.
func (v *visitor) whole(s walk.Sources) *yaml.RNode {
	n, ok := pick(s)
	if !ok {
		v.clash(s)
		s[walk.OriginIndex], s[walk.UpdatedIndex] = s.Dest(), s.Dest()
	}
	return n
}

// clash notes where the sides differ, unless it is within what clashes already.
func (v *visitor) clash(s walk.Sources) {
	if v.told(s) {
		return
	}
	var c Clash
	var node *yaml.Node
	at := ""
	switch ours, theirs := s.Dest(), s.Updated(); {
	case ours.IsNil():
		at = v.paths[theirs.YNode()]
		c.Text = "you removed, and the release changed, " + at
	case theirs.IsNil():
		node, at = ours.YNode(), v.paths[ours.YNode()]
		c.Text = "you changed, and the release removed, " + at
	default:
		node, at = ours.YNode(), v.paths[ours.YNode()]
		c.Text = "you and the release changed " + at
	}
	if at == "" {
		c.Text += "it"
	}
	hide := v.hide && (strings.HasPrefix(at, "data") || strings.HasPrefix(at, "stringData"))
	sides := shown(hide, s.Origin(), s.Dest(), s.Updated())
	c.Base, c.Ours, c.Theirs = sides[0], sides[1], sides[2]
	v.found = append(v.found, found{node, c})
}

// told reports whether what the sources are of was told already, and notes that it is.
func (v *visitor) told(s walk.Sources) bool {
	for _, n := range s {
		if !n.IsNil() && v.clashed[n.YNode()] {
			return true
		}
	}
	for _, n := range s {
		if !n.IsNil() {
			v.mark(n.YNode())
		}
	}
	return false
}

func (v *visitor) mark(n *yaml.Node) {
	v.clashed[n] = true
	for _, below := range n.Content {
		v.mark(below)
	}
}

// found is a clash at a node of ours; nil: ours has none there.
type found struct {
	node *yaml.Node
	Clash
}

// restore takes back what prepare and copyTree did, and puts the elements of lists with keys back.
func (v *visitor) restore(n *yaml.Node) {
	if n.Tag == nullTag {
		n.Tag = yaml.NodeTagNull
	}
	restoreAlias(n)
	if list, ok := v.lists[n]; ok {
		n.Content = list
	}
	for _, below := range n.Content {
		v.restore(below)
	}
}
