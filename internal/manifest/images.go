package manifest

import "slices"

// Images are the references of the container images that o runs: those of its
// containers of every sort and of its image volumes. Sorted, each once.
//
// It looks where Kubernetes' own kinds keep their pods: in a Pod itself, in the
// template of a PodTemplate, in the job of a CronJob, and for every other kind,
// custom ones included, in spec.template.spec.
func Images(o Object) []string {
	spec := podSpec(o)
	var refs []string
	for _, list := range []string{"containers", "initContainers", "ephemeralContainers"} {
		for _, c := range entries(spec, list) {
			refs = appendText(refs, c["image"])
		}
	}
	for _, v := range entries(spec, "volumes") {
		refs = appendText(refs, Mapping(v, "image")["reference"])
	}
	slices.Sort(refs)
	return slices.Compact(refs)
}

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

func appendText(texts []string, v any) []string {
	if s, ok := v.(string); ok && s != "" {
		return append(texts, s)
	}
	return texts
}
