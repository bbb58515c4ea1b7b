package merge

import (
	"slices"

	"sigs.k8s.io/kustomize/kyaml/yaml"
	"sigs.k8s.io/kustomize/kyaml/yaml/walk"
)

// rekeyed notes elements of a list with keys that both sides gave another key, each its own,
// as a port another number: merged by keys the list would have both. Ours stays.
func (v *visitor) rekeyed(s walk.Sources, keys []string) {
	var base []*yaml.Node
	if !s.Origin().IsNil() {
		base = s.Origin().Content()
	}
	ours, theirs := s.Dest().Content(), s.Updated().Content()
	gone := without(base, keys, ours, theirs)
	mine := without(ours, keys, base, theirs)
	for _, their := range without(theirs, keys, base, ours) {
		at := slices.IndexFunc(mine, func(n *yaml.Node) bool { return namedAlike(n, their, keys) || replaced(gone, n, their, keys) != nil })
		if at < 0 {
			continue
		}
		v.clash(walk.Sources{yaml.NewRNode(mine[at]), yaml.NewRNode(replaced(gone, mine[at], their, keys)), yaml.NewRNode(their)})
		mine = slices.Delete(mine, at, at+1)
		list := s.Updated().YNode()
		list.Content = slices.DeleteFunc(list.Content, func(n *yaml.Node) bool { return n == their })
	}
}

// without are the elements of list with keys that no other list has.
func without(list []*yaml.Node, keys []string, others ...[]*yaml.Node) []*yaml.Node {
	known := map[string]bool{}
	for _, n := range slices.Concat(others...) {
		known[id(n, keys)] = true
	}
	return slices.DeleteFunc(slices.Clone(list), func(n *yaml.Node) bool { return known[id(n, keys)] })
}

// replaced is the element that both others were before, if any of gone is.
func replaced(gone []*yaml.Node, ours, theirs *yaml.Node, keys []string) *yaml.Node {
	for _, n := range gone {
		if isSame(n, ours, keys) && isSame(n, theirs, keys) {
			return n
		}
	}
	return nil
}

// isSame tells elements with different keys as one and the same: by their names, or as all
// else in them is alike.
func isSame(a, b *yaml.Node, keys []string) bool {
	if name := scalar(field(a, "name")); name != "" && !slices.Contains(keys, "name") {
		return name == scalar(field(b, "name"))
	}
	rest := besides(a, keys)
	return len(rest.Content) > 0 && canonical(rest) == canonical(besides(b, keys))
}

// besides is a mapping without some of its fields.
func besides(n *yaml.Node, keys []string) *yaml.Node {
	out := &yaml.Node{Kind: n.Kind, Tag: n.Tag, Value: n.Value}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if !slices.Contains(keys, n.Content[i].Value) {
			out.Content = append(out.Content, n.Content[i], n.Content[i+1])
		}
	}
	return out
}

// namedAlike tells ports of one name, which a list has once.
func namedAlike(a, b *yaml.Node, keys []string) bool {
	name := scalar(field(a, "name"))
	return name != "" && name == scalar(field(b, "name")) && (slices.Contains(keys, "port") || slices.Contains(keys, "containerPort"))
}
