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
	pods := podsOf(s.objects)
	if len(pods.byLabel) == 0 && !pods.bare {
		return nil
	}
	others := s.others()
	var ps kube.Problems
	for _, o := range s.objects {
		if o.Kind != "Service" || o.APIVersion != "v1" {
			continue
		}
		selector := manifest.Mapping(o.Value, "spec", "selector")
		if len(selector) == 0 {
			continue
		}
		names, some := pods.ports(o.Namespace, selector)
		if some {
			ps = append(ps, s.ports(o, names)...)
		} else if !others {
			ps = append(ps, s.at(o, "selects-nothing", []any{"spec", "selector"}, "selects no pods of this Kube: no template has the labels %s", labels(selector)))
		}
	}
	return ps
}

// label is one that pods of a namespace have.
type label struct{ namespace, key, value string }

// pods are those that the objects of a scene make.
type pods struct {
	byLabel map[label][]manifest.Pods
	bare    bool                // there are some without labels
	known   map[string]selected // by namespace and selector
}

// selected are the ports that pods name which a selector selects, sorted, and whether
// there are such pods.
type selected struct {
	ports []string
	some  bool
}

func podsOf(objects []manifest.Object) pods {
	all := pods{map[label][]manifest.Pods{}, false, map[string]selected{}}
	for _, o := range objects {
		p := manifest.PodsOf(o)
		if p.Spec == nil {
			continue
		}
		all.bare = all.bare || len(p.Labels) == 0
		for key, value := range p.Labels {
			l := label{o.Namespace, key, fmt.Sprint(value)}
			all.byLabel[l] = append(all.byLabel[l], p)
		}
	}
	return all
}

// ports are the names of the ports of the pods that a selector selects. Of its labels,
// the one that the fewest pods have says which may be these.
func (p pods) ports(namespace string, selector map[string]any) (names []string, some bool) {
	id := namespace + " " + labels(selector)
	if known, ok := p.known[id]; ok {
		return known.ports, known.some
	}
	var few []manifest.Pods
	first := true
	for key, value := range selector {
		if with := p.byLabel[label{namespace, key, fmt.Sprint(value)}]; first || len(with) < len(few) {
			few, first = with, false
		}
	}
	for _, one := range few {
		if !selects(selector, one.Labels) {
			continue
		}
		some = true
		for _, c := range one.Containers() {
			names = append(names, portNames(c)...)
		}
	}
	slices.Sort(names)
	names = slices.Compact(names)
	p.known[id] = selected{names, some}
	return names, some
}

func portNames(c manifest.Container) []string {
	var names []string
	list, _ := c.Value["ports"].([]any)
	for _, p := range list {
		m, _ := p.(map[string]any)
		if name, ok := m["name"].(string); ok {
			names = append(names, name)
		}
	}
	return names
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
func (s *scene) ports(o manifest.Object, names []string) kube.Problems {
	var ps kube.Problems
	list, _ := manifest.Mapping(o.Value, "spec")["ports"].([]any)
	for i, p := range list {
		m, _ := p.(map[string]any)
		target, ok := m["targetPort"].(string)
		if _, named := slices.BinarySearch(names, target); ok && target != "" && !named {
			text := "no container of its pods names a port"
			if len(names) > 0 {
				text = "its pods name " + listed(names)
			}
			ps = append(ps, s.at(o, "selects-nothing", []any{"spec", "ports", i, "targetPort"}, "targetPort is %s, and %s", target, text))
		}
	}
	return ps
}

// listed are some words of a list in a message.
func listed(words []string) string {
	const most = 12
	if len(words) > most {
		return strings.Join(words[:most], ", ") + " …"
	}
	return strings.Join(words, ", ")
}
