package admit

import (
	"slices"
	"strings"

	"github.com/kpm-sh/kpm/internal/kinds"
)

// Custom are the kinds that the custom resource definitions among some objects define.
type Custom map[string]definition // by "APIVERSION KIND"

// Define reads the definitions among objects.
func Define(objects []map[string]any) Custom {
	all := Custom{}
	for _, o := range objects {
		if object(o).text("kind") != "CustomResourceDefinition" {
			continue
		}
		spec := object(o).mapping("spec")
		for _, v := range spec.items("versions") {
			served, said := v["served"].(bool)
			key := spec.text("group") + "/" + v.text("name") + " " + spec.mapping("names").text("kind")
			all[key] = definition{v.mapping("schema", "openAPIV3Schema"), spec.text("scope") != "Cluster", v.mapping("subresources").has("status"), said && !served, enums{}}
		}
	}
	return all
}

// Namespaced tells whether objects of a kind lie in namespaces, and whether that is known.
func (c Custom) Namespaced(apiVersion, kind string) (namespaced, known bool) {
	d, ok := c[apiVersion+" "+kind]
	return d.namespaced, ok
}

// Versions tells whether servers have a custom kind in a version of its group, and if not,
// in which ones, ascending: none where its definition is not among the objects.
func (c Custom) Versions(apiVersion, kind string) (served bool, versions []string) {
	if d, ok := c[apiVersion+" "+kind]; ok && !d.unserved {
		return true, nil
	}
	group, _, _ := strings.Cut(apiVersion, "/")
	for key, d := range c {
		of, name, _ := strings.Cut(key, " ")
		if g, version, _ := strings.Cut(of, "/"); name == kind && g == group && !d.unserved {
			versions = append(versions, version)
		}
	}
	slices.Sort(versions)
	return false, versions
}

// Judge says what servers refuse of a custom resource, as [Native] does; known is false
// where the definition of its kind is not among the objects.
func (c Custom) Judge(o map[string]any, servers kinds.Minors) (found []Fault, known bool) {
	apiVersion, kind := object(o).text("apiVersion"), object(o).text("kind")
	d, ok := c[apiVersion+" "+kind]
	if !ok || d.unserved {
		return nil, false
	}
	w := &walker{faults: faults{servers: servers}, root: "meta.v1.ObjectMeta", rules: rulesByType(), checks: checks}
	at := &path{nil, "metadata"}
	w.object(at, o["metadata"], "meta.v1.ObjectMeta")
	w.named(o, kinds.Kind{APIVersion: apiVersion, Kind: kind, Namespaced: d.namespaced})
	s := &schemaWalker{faults: &w.faults, words: d.words}
	s.root(o, d)
	return told(w.all), true
}
