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
	} else if name != "" && k.Kind == "Service" {
		w.serviceName(at.field("name"), name)
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
	case "PodDisruptionBudget":
		return segment
	case "Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding":
		if strings.HasPrefix(k.APIVersion, "rbac.authorization.k8s.io/") {
			return segment
		}
	}
	return subdomain
}

// digitsFirst is the first version of the server that takes names of Services which
// begin with a digit (RelaxedServiceNameValidation).
const digitsFirst = 36

// serviceName holds the name of a Service to what the servers take that count.
func (w *walker) serviceName(at *path, name string) {
	text := labelOf.says(name)
	switch {
	case label.says(name) != "":
		w.add(at, Format, "%s", label.says(name))
	case text == "" || w.servers.First >= digitsFirst:
	case w.servers.Last < digitsFirst:
		w.add(at, Format, "%s", text)
	default:
		w.add(at, Servers, "%s before Kubernetes 1.%d", text, digitsFirst)
	}
}
