package manifest

import "fmt"

// Pods is what makes pods in an object: the description of a pod, and where it is.
type Pods struct {
	Spec   map[string]any
	Labels map[string]any // of the pods
	At     []any          // names of fields that lead to Spec
}

// PodsOf is what makes pods in o; Spec is nil where nothing does.
func PodsOf(o Object) Pods {
	at := []any{"spec", "template", "spec"}
	switch o.Kind {
	case "Pod":
		at = []any{"spec"}
	case "PodTemplate":
		at = []any{"template", "spec"}
	case "CronJob":
		at = []any{"spec", "jobTemplate", "spec", "template", "spec"}
	}
	words := make([]string, len(at))
	for i, step := range at {
		words[i] = fmt.Sprint(step)
	}
	owner := Mapping(o.Value, words[:len(words)-1]...)
	return Pods{Mapping(owner, "spec"), Mapping(owner, "metadata", "labels"), at}
}

// Container is one of a pod's, and where it is in its object.
type Container struct {
	Value map[string]any
	At    []any
	Init  bool // it ends before the others start
}

// Containers are those of p that its author wrote.
func (p Pods) Containers() []Container {
	var all []Container
	for _, list := range []string{"initContainers", "containers"} {
		items, _ := p.Spec[list].([]any)
		for i, item := range items {
			if m, ok := item.(map[string]any); ok {
				at := append(append([]any{}, p.At...), list, i)
				all = append(all, Container{m, at, list == "initContainers" && m["restartPolicy"] != "Always"})
			}
		}
	}
	return all
}
