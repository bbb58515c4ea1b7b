package lint

import (
	"fmt"

	"github.com/kpm-sh/kpm/internal/kinds"
	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/manifest"
)

// exported warns of what was true in the cluster that an object was exported
// from, and is not in another.
func exported(s *scene, o manifest.Object) kube.Problems {
	meta := manifest.Mapping(o.Value, "metadata")
	var ps kube.Problems
	if meta["ownerReferences"] != nil {
		ps = append(ps, s.at(o, "owner-references", []any{"metadata", "ownerReferences"},
			"ownerReferences name objects by UIDs that no other cluster has, and kpm leaves them out; take them out"))
	}
	for _, field := range written {
		if meta[field] != nil {
			ps = append(ps, s.at(o, "exported", []any{"metadata", field}, "metadata.%s is what a server writes: others refuse an object that has it, and kpm leaves it out; take it out", field))
			break
		}
	}
	return ps
}

// written are the fields of metadata that only servers write.
var written = []string{"managedFields", "uid", "resourceVersion", "selfLink", "deletionTimestamp"}

// namespaced warns of namespaces that the Kube does not bring, once for each file.
func namespaced(s *scene) kube.Problems {
	type place struct{ path, namespace string }
	first, count := map[place]manifest.Object{}, map[place]int{}
	var ps kube.Problems
	brought := map[string]bool{}
	for _, o := range s.objects {
		if o.APIVersion == "v1" && o.Kind == "Namespace" {
			brought[o.Name] = true
		}
		if o.Namespace == "" {
			continue
		}
		if s.clusterWide(o) {
			ps = append(ps, s.at(o, "namespace", []any{"metadata", "namespace"}, "its namespace is written down, and a %s lies in none: leave it out", o.Kind))
			continue
		}
		at := place{o.Path, o.Namespace}
		if count[at]++; count[at] == 1 {
			first[at] = o
		}
	}
	for at, o := range first {
		if brought[at.namespace] {
			continue
		}
		text := ""
		if n := count[at]; n > 1 {
			text = fmt.Sprintf(" (so it is of %d objects in the file)", n)
		}
		ps = append(ps, s.at(o, "namespace", []any{"metadata", "namespace"}, "its namespace is written down, and the user chooses one: leave it out%s", text))
	}
	return ps
}

// clusterWide tells whether an object lies in no namespace, whatever it says.
func (s *scene) clusterWide(o manifest.Object) bool {
	if k, ok := kinds.Of(o.APIVersion, o.Kind); ok {
		return !k.Namespaced
	}
	namespaced, known := s.custom.Namespaced(o.APIVersion, o.Kind)
	return known && !namespaced
}

// privileges warns of pods that reach their node.
func privileges(s *scene, o manifest.Object) kube.Problems {
	pods := manifest.PodsOf(o)
	var ps kube.Problems
	for _, c := range pods.Containers() {
		if manifest.Mapping(c.Value, "securityContext")["privileged"] == true {
			ps = append(ps, s.at(o, "privileged", join(c.At, "securityContext", "privileged"), "container %v is privileged, the administrator of its node", c.Value["name"]))
		}
	}
	for _, share := range []string{"hostNetwork", "hostPID", "hostIPC"} {
		if pods.Spec[share] == true {
			ps = append(ps, s.at(o, "host-path", join(pods.At, share), "%s shares what its node has", share))
		}
	}
	volumes, _ := pods.Spec["volumes"].([]any)
	for i, v := range volumes {
		m, _ := v.(map[string]any)
		if path, ok := manifest.Mapping(m, "hostPath")["path"].(string); ok {
			ps = append(ps, s.at(o, "host-path", join(pods.At, "volumes", i), "volume %v is the folder %s of its node", m["name"], path))
		}
	}
	return ps
}

func join(at []any, more ...any) []any {
	return append(append([]any{}, at...), more...)
}

// forever are the kinds whose pods are to run without end.
var forever = map[string]bool{"Deployment": true, "StatefulSet": true, "DaemonSet": true, "ReplicaSet": true, "ReplicationController": true}

// probes warns of containers that nobody can tell whether they are ready.
func probes(s *scene, o manifest.Object) kube.Problems {
	if !forever[o.Kind] {
		return nil
	}
	var ps kube.Problems
	for _, c := range manifest.PodsOf(o).Containers() {
		if !c.Init && c.Value["readinessProbe"] == nil && c.Value["livenessProbe"] == nil && c.Value["startupProbe"] == nil {
			ps = append(ps, s.at(o, "no-probe", c.At, "container %v has no probe: nobody can tell whether it is ready", c.Value["name"]))
		}
	}
	return ps
}

// requests warns of containers that the scheduler knows no size of.
func requests(s *scene, o manifest.Object) kube.Problems {
	var ps kube.Problems
	for _, c := range manifest.PodsOf(o).Containers() {
		r := manifest.Mapping(c.Value, "resources")
		if len(manifest.Mapping(r, "requests")) == 0 && len(manifest.Mapping(r, "limits")) == 0 && forever[o.Kind] {
			ps = append(ps, s.at(o, "no-requests", c.At, "container %v requests neither cpu nor memory: the scheduler does not know its size", c.Value["name"]))
		}
	}
	return ps
}

// secretValues warns of values that a manifest gives away. What a template gives is
// made of the user's values.
func secretValues(s *scene, o manifest.Object) kube.Problems {
	if o.Kind != "Secret" || o.APIVersion != "v1" {
		return nil
	}
	if _, template := s.kube.File(o.Path + ".tmpl"); template {
		return nil
	}
	for _, field := range []string{"data", "stringData"} {
		for _, v := range manifest.Mapping(o.Value, field) {
			if text, ok := v.(string); ok && text != "" {
				return kube.Problems{s.at(o, "secret-values", []any{field}, "its values are the same for everybody who installs the Kube: let values or a hook give them")}
			}
		}
	}
	return nil
}
