package lint

import (
	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/manifest"
)

// claimSecrets warns of a Secret that uninstall removes while it keeps the claims of
// the Kube: it keeps only those Secrets that the pods which mount a claim read.
func claimSecrets(s *scene) kube.Problems {
	kept := map[string]bool{} // Secrets, by namespace/name
	claims, readers := false, false
	for _, o := range s.objects {
		if o.Kind == "PersistentVolumeClaim" {
			claims = true
		}
		if spec := manifest.PodsOf(o).Spec; spec != nil && mountsClaim(o, spec) {
			claims, readers = true, true
			for _, name := range secretsOf(spec) {
				kept[o.Namespace+"/"+name] = true
			}
		}
	}
	if !claims || !readers {
		return nil
	}
	var ps kube.Problems
	for _, o := range s.objects {
		kind, _ := o.Value["type"].(string)
		if o.Kind != "Secret" || o.APIVersion != "v1" || kept[o.Namespace+"/"+o.Name] || kind != "" && kind != "Opaque" && kind != "kubernetes.io/basic-auth" {
			continue
		}
		ps = append(ps, s.at(o, "claim-secret", nil, "goes at uninstall, and the claims of the Kube stay: let the pods that mount them read it, if it belongs to their data"))
	}
	return ps
}

func mountsClaim(o manifest.Object, spec map[string]any) bool {
	if templates, _ := manifest.Mapping(o.Value, "spec")["volumeClaimTemplates"].([]any); len(templates) > 0 {
		return true
	}
	volumes, _ := spec["volumes"].([]any)
	for _, v := range volumes {
		m, _ := v.(map[string]any)
		if m["persistentVolumeClaim"] != nil {
			return true
		}
	}
	return false
}

// secretsOf are the names of all Secrets that are named anywhere in a pod.
func secretsOf(v any) []string {
	var names []string
	switch v := v.(type) {
	case map[string]any:
		for key, value := range v {
			m, _ := value.(map[string]any)
			switch key {
			case "secretKeyRef", "secretRef", "secret":
				for _, field := range []string{"name", "secretName"} {
					if name, ok := m[field].(string); ok {
						names = append(names, name)
					}
				}
			}
			names = append(names, secretsOf(value)...)
		}
	case []any:
		for _, item := range v {
			names = append(names, secretsOf(item)...)
		}
	}
	return names
}
