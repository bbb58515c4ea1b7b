package merge

import "sigs.k8s.io/kustomize/kyaml/yaml"

// located gives clashes the lines at which their nodes are in the text of a tree; what
// is not there has none.
func located(all []found, tree *yaml.Node, text []byte) []Clash {
	lines := map[*yaml.Node]int{}
	var written yaml.Node
	if len(all) > 0 && yaml.Unmarshal(text, &written) == nil {
		place(tree, &written, written.Line, lines)
	}
	var clashes []Clash
	for _, f := range all {
		f.Line = lines[f.node]
		clashes = append(clashes, f.Clash)
	}
	return clashes
}

// place notes the lines of the nodes of a tree, from its text read again: for a field
// that of its key.
func place(n, written *yaml.Node, line int, lines map[*yaml.Node]int) {
	if n.Kind != written.Kind {
		return
	}
	lines[n] = line
	if n.Kind != yaml.MappingNode {
		for i := range min(len(n.Content), len(written.Content)) {
			place(n.Content[i], written.Content[i], written.Content[i].Line, lines)
		}
		return
	}
	at := map[string]int{}
	for i := 0; i+1 < len(written.Content); i += 2 {
		at[written.Content[i].Value] = i
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if k, ok := at[n.Content[i].Value]; ok {
			place(n.Content[i+1], written.Content[k+1], written.Content[k].Line, lines)
		}
	}
}
