package admit

import (
	"strings"

	"github.com/kpm-sh/kpm/internal/kinds"
)

// named holds the name of an object, and that it lies in a namespace, to its kind.
func (w *walker) named(o object, k kinds.Kind) {
	meta := o.mapping("metadata")
	at := (&path{nil, "metadata"})
	name := meta.text("name")
	if name == "" && k.Kind != "LimitRange" { // which the server names
		w.missing(at.field("name"))
	} else if name != "" {
		if text := nameRule(k).says(name); text != "" {
			w.add(at.field("name"), Format, "%s", text)
		}
	}
	if ns := meta.text("namespace"); ns != "" && !k.Namespaced {
		w.add(at.field("namespace"), Meaning, "is %s, and a %s lies in none: leave it out", short(ns), k.Kind)
	}
}

// nameRule is the rule of the names of a kind.
func nameRule(k kinds.Kind) rule {
	switch k.Kind {
	case "Namespace":
		return label
	case "Service":
		return labelOf
	case "PodDisruptionBudget":
		return segment
	case "Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding":
		if strings.HasPrefix(k.APIVersion, "rbac.authorization.k8s.io/") {
			return segment
		}
	}
	return subdomain
}
