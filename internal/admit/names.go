package admit

import (
	"strings"

	"github.com/kpm-sh/kpm/internal/kinds"
)

// named holds the name of an object to its kind. A namespace where there is none is left out
// by servers.
func (w *walker) named(o object, k kinds.Kind) {
	meta := o.mapping("metadata")
	at := (&path{nil, "metadata"})
	name := meta.text("name")
	if name == "" && k.Kind != "LimitRange" { // which the server names
		w.missing(at.field("name"))
	} else if name != "" && k.Kind == "Service" {
		w.serviceName(at.field("name"), name)
	} else if name != "" && k.Kind == "ClusterTrustBundle" {
		bundleName(w, at.field("name"), name, o.mapping("spec").text("signerName"))
	} else if name != "" {
		if text := nameRule(k).says(name); text != "" {
			w.add(at.field("name"), Format, "%s", text)
		}
	}
	metadata(w, at, meta, k)
}

// maxAnnotations is how many bytes the keys and values of all annotations have together.
const maxAnnotations = 256 << 10

// metadata holds what is in an object's to what no rule of a single field says.
func metadata(w *walker, at *path, meta object, k kinds.Kind) {
	total := 0
	for key, value := range meta.mapping("annotations") {
		text, _ := value.(string)
		total += len(key) + len(text)
	}
	if total > maxAnnotations {
		w.add(at.field("annotations"), Range, "has %d bytes of keys and values, and may have %d", total, maxAnnotations)
	}
	owners(at.field("ownerReferences"), meta.items("ownerReferences"), w)
	list, _ := meta["finalizers"].([]any)
	if anyOf(list, "orphan") && anyOf(list, "foregroundDeletion") {
		w.add(at.field("finalizers"), Meaning, "has orphan and foregroundDeletion, and may have one of them")
	}
	for i, value := range list {
		name, _ := value.(string)
		if domainless[name] || strings.Contains(name, "/") || qualified(name) != "" || !strictFinalizers(k) {
			continue
		}
		w.add(at.field("finalizers").item(i), Format, "is %s, and has to have a domain: example.org/%s", short(name), name)
	}
}

// domainless are the finalizers of Kubernetes itself.
var domainless = map[string]bool{"kubernetes": true, "orphan": true, "foregroundDeletion": true}

// strictFinalizers tells whether servers want a domain in the finalizers of a kind
// (pkg/apis/core/validation, ValidateObjectMeta); some kinds, and all custom ones, are held
// to the looser rule of the machinery.
func strictFinalizers(k kinds.Kind) bool {
	group, _, ok := strings.Cut(k.APIVersion, "/")
	if !ok {
		return true
	}
	switch group {
	case "apps", "batch", "autoscaling", "rbac.authorization.k8s.io", "networking.k8s.io", "storage.k8s.io", "scheduling.k8s.io",
		"discovery.k8s.io", "flowcontrol.apiserver.k8s.io", "certificates.k8s.io", "resource.k8s.io":
		return true
	}
	return false
}

// nameRule is the rule of the names of a kind.
func nameRule(k kinds.Kind) rule {
	switch k.Kind {
	case "Namespace", "StatefulSet":
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

// serviceName holds the name of a Service to what the servers take that count.
func (w *walker) serviceName(at *path, name string) {
	if text := label.says(name); text != "" {
		w.add(at, Format, "%s", text)
	} else if text := labelOf.says(name); text != "" {
		w.before(digitsFirst, at, Format, "%s", text)
	}
}

// bundleName holds the name of a ClusterTrustBundle to its signer's, which it begins with
// (pkg/apis/certificates/validation).
func bundleName(w *walker, at *path, name, signer string) {
	prefix := ""
	if signer != "" {
		prefix = strings.ReplaceAll(signer, "/", ":") + ":"
	}
	rest, ok := strings.CutPrefix(name, prefix)
	if !ok {
		w.add(at, Format, "is %s, and has to begin with %s, as its signerName says", short(name), prefix)
	} else if text := subdomain.says(rest); text != "" {
		w.add(at, Format, "%s", text)
	}
}

// owners holds references to what there may be one of, and to what can own.
func owners(at *path, all []object, w *walker) {
	controllers := 0
	for i, o := range all {
		group, version, ok := strings.Cut(o.text("apiVersion"), "/")
		if o.text("apiVersion") != "" && ok && (version == "" || strings.Contains(version, "/")) {
			w.add(at.item(i).field("apiVersion"), Format, "is %s, and has to be VERSION or GROUP/VERSION", short(o.text("apiVersion")))
		}
		if group == "v1" && !ok && o.text("kind") == "Event" {
			w.add(at.item(i).field("kind"), Meaning, "is Event, which owns nothing")
		}
		if o.is("controller") {
			controllers++
		}
	}
	if controllers > 1 {
		w.add(at, Meaning, "has %d controllers, and may have one", controllers)
	}
}

// namespaceFinalizers wants a domain in those of the spec, too.
func namespaceFinalizers(at *path, o object, f *faults) {
	for i, name := range o.texts("finalizers") {
		if text := qualified(name); text != "" {
			f.add(at.field("finalizers").item(i), Format, "%s", text)
		} else if !domainless[name] && !strings.Contains(name, "/") {
			f.add(at.field("finalizers").item(i), Format, "is %s, and has to have a domain: example.org/%s", short(name), name)
		}
	}
}
