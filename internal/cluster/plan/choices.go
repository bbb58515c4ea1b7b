package plan

import (
	"encoding/json"
	"slices"

	"k8s.io/apimachinery/pkg/runtime"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/object"
)

// choice is a place in an object where only one of several fields may be, or where
// one follows another: what is wanted sets one, and what is live has others that it
// does not set. Server-side apply takes away only what the installation had set
// before; so these stay, and the server refuses both together, or goes by the old
// one.
type choice struct {
	at     []string // path of the mapping, as in a [fieldSet]
	fields []string // that belong together
	gone   []string // those of them that are live and not wanted
}

// paths are those of the fields that have to go.
func (c choice) paths() [][]string {
	var all [][]string
	for _, name := range c.gone {
		all = append(all, append(slices.Clip(c.at), "f:"+name))
	}
	return all
}

// alternatives are the fields of which Kubernetes takes one, by the field that holds
// the mapping, or the list of mappings. A volume is anything beside its name
// (k8s.io/kubernetes/pkg/apis/{core,networking,policy}/validation).
var alternatives = map[string][]string{
	"env":            {"value", "valueFrom"},
	"valueFrom":      {"fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef", "fileKeyRef"},
	"livenessProbe":  {"exec", "httpGet", "tcpSocket", "grpc"},
	"readinessProbe": {"exec", "httpGet", "tcpSocket", "grpc"},
	"startupProbe":   {"exec", "httpGet", "tcpSocket", "grpc"},
	"postStart":      {"exec", "httpGet", "tcpSocket", "sleep"},
	"preStop":        {"exec", "httpGet", "tcpSocket", "sleep"},
	"defaultBackend": {"service", "resource"},
	"port":           {"name", "number"},
}

// choices are all such places of an object of Kubernetes' own kinds.
func choices(ref api.Ref, wanted, live map[string]any) []choice {
	w := &chooser{ref: ref}
	w.mappings("", nil, wanted, live)
	return w.found
}

type chooser struct {
	ref   api.Ref
	found []choice
}

// mappings compares two mappings that are the field name, or an item of it.
func (w *chooser) mappings(name string, at []string, wanted, live map[string]any) {
	w.choose(at, wanted, live, fieldsThatExclude(w.ref, name, wanted, live)...)
	if wanted["containers"] != nil {
		w.hostPorts(at, wanted, live)
	}
	for key, v := range wanted {
		path := append(slices.Clip(at), "f:"+key)
		switch v := v.(type) {
		case map[string]any:
			if l, ok := live[key].(map[string]any); ok {
				w.mappings(key, path, v, l)
			}
		case []any:
			w.items(key, path, v, live[key])
		}
	}
}

// items compares the items of lists that are told apart by a name.
func (w *chooser) items(name string, at []string, wanted []any, live any) {
	for _, item := range wanted {
		m, _ := item.(map[string]any)
		if object.Text(m, "name") == "" {
			continue
		}
		key := element(m, "name")
		if l, ok := step(live, key).(map[string]any); ok {
			w.mappings(name, append(slices.Clip(at), key), m, l)
		}
	}
}

// choose notes the fields of live that stand against those of wanted.
func (w *chooser) choose(at []string, wanted, live map[string]any, fields ...string) {
	var gone []string
	for _, name := range fields { // of which those that say which it is have a default
		if live[name] != nil && wanted[name] == nil && name != "type" && name != "sessionAffinity" {
			gone = append(gone, name)
		}
	}
	if len(gone) > 0 {
		w.found = append(w.found, choice{at, fields, gone})
	}
}

// fieldsThatExclude are the fields of a mapping of which what is wanted rules others
// out; nil when it rules out none.
func fieldsThatExclude(ref api.Ref, name string, wanted, live map[string]any) []string {
	switch {
	case name == "volumes":
		return others(wanted, live)
	case name == "strategy" && object.Text(wanted, "type") == "Recreate", name == "updateStrategy" && object.Text(wanted, "type") == "OnDelete":
		return []string{"type", "rollingUpdate"}
	case name == "spec" && ref.Is("policy", "PodDisruptionBudget"):
		return chosen(wanted, "minAvailable", "maxUnavailable")
	case name == "spec" && ref.Is("", "Service") && object.Text(wanted, "sessionAffinity") != "ClientIP":
		return []string{"sessionAffinity", "sessionAffinityConfig"}
	case name == "spec" && ref.Is("networking.k8s.io", "NetworkPolicy") && !slices.Equal(policyTypes(wanted), object.Texts(live, "policyTypes")):
		return []string{"policyTypes"}
	}
	return chosen(wanted, alternatives[name]...)
}

// policyTypes are those that the server gives the spec of a NetworkPolicy that has
// none (k8s.io/kubernetes/pkg/apis/networking/v1/defaults.go).
func policyTypes(spec map[string]any) []string {
	if rules, _ := spec["egress"].([]any); len(rules) > 0 {
		return []string{"Ingress", "Egress"}
	}
	return []string{"Ingress"}
}

// hostPorts notes the ports that the server opened on the node for a pod that had
// its network, and has it no more.
func (w *chooser) hostPorts(at []string, wanted, live map[string]any) {
	was, _ := live["hostNetwork"].(bool)
	if is, _ := wanted["hostNetwork"].(bool); !was || is {
		return
	}
	for _, c := range object.List(wanted, "containers") {
		container := append(slices.Clip(at), "f:containers", element(c, "name"))
		for _, port := range object.List(c, "ports") {
			if port["protocol"] == nil {
				port = map[string]any{"containerPort": port["containerPort"], "protocol": "TCP", "hostPort": port["hostPort"]}
			}
			path := append(slices.Clip(container), "f:ports", element(port, "containerPort", "protocol"))
			if l, ok := step(step(step(step(live, "f:containers"), element(c, "name")), "f:ports"), element(port, "containerPort", "protocol")).(map[string]any); ok {
				w.choose(path, port, l, "hostPort")
			}
		}
	}
}

// element is the element of a path that names an item by its keys.
func element(item map[string]any, keys ...string) string {
	named := map[string]any{}
	for _, key := range keys {
		named[key] = item[key]
	}
	text, err := json.Marshal(named)
	if err != nil {
		return ""
	}
	return "k:" + string(text)
}

// chosen are the fields if wanted has one of them.
func chosen(wanted map[string]any, fields ...string) []string {
	for _, name := range fields {
		if wanted[name] != nil {
			return fields
		}
	}
	return nil
}

// others are all fields of both but the name.
func others(wanted, live map[string]any) []string {
	var fields []string
	for _, m := range []map[string]any{wanted, live} {
		for key := range m {
			if key != "name" && !slices.Contains(fields, key) {
				fields = append(fields, key)
			}
		}
	}
	return fields
}

// copy gives the fields of a choice in an object the values that they have in
// another.
func (c choice) copy(to, from map[string]any) {
	source, target := mapping(from, c.at), mapping(to, c.at)
	if target == nil {
		return
	}
	for _, name := range c.fields {
		delete(target, name)
		if v := source[name]; v != nil {
			target[name] = runtime.DeepCopyJSONValue(v)
		}
	}
}
