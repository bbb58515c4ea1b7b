package manifest

// podSpec is the specification of the pods that o makes, where Kubernetes' own
// kinds keep it: in a Pod itself, in the template of a PodTemplate, in the job of
// a CronJob, and for every other kind in spec.template.spec.
func podSpec(o Object) map[string]any {
	switch o.Kind {
	case "Pod":
		return Mapping(o.Value, "spec")
	case "PodTemplate":
		return Mapping(o.Value, "template", "spec")
	case "CronJob":
		return Mapping(o.Value, "spec", "jobTemplate", "spec", "template", "spec")
	}
	return Mapping(o.Value, "spec", "template", "spec")
}

// Mapping is the mapping at path below m, or nil.
func Mapping(m map[string]any, path ...string) map[string]any {
	for _, key := range path {
		m, _ = m[key].(map[string]any)
	}
	return m
}

// entries are the mappings in the list at key of m.
func entries(m map[string]any, key string) []map[string]any {
	list, _ := m[key].([]any)
	var out []map[string]any
	for _, item := range list {
		if entry, ok := item.(map[string]any); ok {
			out = append(out, entry)
		}
	}
	return out
}
