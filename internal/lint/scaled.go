package lint

import (
	"cmp"
	"strings"

	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/manifest"
)

// scaled warns of replicas beside a HorizontalPodAutoscaler for them: they hold
// for the first installation alone.
func scaled(s *scene) kube.Problems {
	objects := s.objects
	by := map[object]string{}
	for _, o := range objects {
		if o.Kind == "HorizontalPodAutoscaler" && strings.HasPrefix(o.APIVersion, "autoscaling/") {
			by[target(o)] = o.Name
		}
	}
	var ps kube.Problems
	for _, o := range objects {
		scaler, ok := by[object{manifest.GroupOf(o.APIVersion), o.Kind, o.Namespace, o.Name}]
		if ok && manifest.Mapping(o.Value, "spec")["replicas"] != nil {
			ps = append(ps, s.at(o, "scaled-replicas", []any{"spec", "replicas"}, "has replicas, and HorizontalPodAutoscaler %s sets them: an upgrade leaves them to it; take them out", scaler))
		}
	}
	return ps
}

// target is the object that a HorizontalPodAutoscaler scales.
func target(scaler manifest.Object) object {
	ref := manifest.Mapping(scaler.Value, "spec", "scaleTargetRef")
	word := func(key string) string { s, _ := ref[key].(string); return s }
	return object{manifest.GroupOf(cmp.Or(word("apiVersion"), "v1")), word("kind"), scaler.Namespace, word("name")}
}
