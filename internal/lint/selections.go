package lint

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/kpm-sh/kpm/internal/kinds"
	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/manifest"
)

// selections holds Services to the pods of the Kube: that they select some, and name
// ports that these have. Pods of a kind that the Kube does not have are not known.
func selections(s *scene) kube.Problems {
	var makers []manifest.Object
	for _, o := range s.objects {
		if manifest.PodsOf(o).Spec != nil {
			makers = append(makers, o)
		}
	}
	var ps kube.Problems
	for _, o := range s.objects {
		if o.Kind != "Service" || o.APIVersion != "v1" || len(makers) == 0 {
			continue
		}
		selector := manifest.Mapping(o.Value, "spec", "selector")
		if len(selector) == 0 {
			continue
		}
		var chosen []manifest.Pods
		for _, m := range makers {
			if pods := manifest.PodsOf(m); m.Namespace == o.Namespace && selects(selector, pods.Labels) {
				chosen = append(chosen, pods)
			}
		}
		if len(chosen) == 0 {
			if s.others() {
				continue
			}
			ps = append(ps, s.at(o, "selects-nothing", []any{"spec", "selector"}, "selects no pods of this Kube: no template has the labels %s", labels(selector)))
			continue
		}
		ps = append(ps, s.ports(o, chosen)...)
	}
	return ps
}

// others tells whether something else than the Kube's own objects may make the pods.
func (s *scene) others() bool {
	return slices.ContainsFunc(s.objects, func(o manifest.Object) bool {
		_, defined := s.custom[o.APIVersion+" "+o.Kind]
		return defined || kinds.Custom(o.APIVersion)
	})
}

func selects(selector, labels map[string]any) bool {
	for key, want := range selector {
		if !reflect.DeepEqual(labels[key], want) {
			return false
		}
	}
	return true
}

func labels(m map[string]any) string {
	var words []string
	for _, key := range sortedKeys(m, nil) {
		words = append(words, fmt.Sprintf("%s=%v", key, m[key]))
	}
	return strings.Join(words, ",")
}

// ports holds the named ports of a Service to those of its pods.
func (s *scene) ports(o manifest.Object, chosen []manifest.Pods) kube.Problems {
	var names []string
	for _, pods := range chosen {
		for _, c := range pods.Containers() {
			list, _ := c.Value["ports"].([]any)
			for _, p := range list {
				m, _ := p.(map[string]any)
				if name, ok := m["name"].(string); ok {
					names = append(names, name)
				}
			}
		}
	}
	var ps kube.Problems
	list, _ := manifest.Mapping(o.Value, "spec")["ports"].([]any)
	for i, p := range list {
		m, _ := p.(map[string]any)
		target, ok := m["targetPort"].(string)
		if ok && target != "" && !slices.Contains(names, target) {
			text := "no container of its pods names a port"
			if len(names) > 0 {
				slices.Sort(names)
				text = "its pods name " + strings.Join(slices.Compact(names), ", ")
			}
			ps = append(ps, s.at(o, "selects-nothing", []any{"spec", "ports", i, "targetPort"}, "targetPort is %s, and %s", target, text))
		}
	}
	return ps
}
