package lint

import (
	"strings"

	"github.com/kpm-sh/kpm/internal/admit"
	"github.com/kpm-sh/kpm/internal/kinds"
	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/manifest"
)

// custom are the kinds that definitions of the Kube define.
type custom = admit.Custom

func defined(objects []manifest.Object) custom {
	var values []map[string]any
	for _, o := range objects {
		values = append(values, o.Value)
	}
	return admit.Define(values)
}

// admitted refuses what every server would that the Kube is for.
func admitted(s *scene, o manifest.Object) kube.Problems {
	faults, known := admit.Native(o.Value, s.servers.Minors)
	if !known {
		faults, _ = s.custom.Judge(o.Value, s.servers.Minors)
	}
	var ps kube.Problems
	for _, f := range faults {
		if f.Sort == admit.Servers && s.servers.older {
			continue
		}
		p := s.at(o, string(f.Sort), f.At, "%s %s", f.Where(), f.Message)
		ps = append(ps, p)
	}
	return ps
}

// served judges whether servers have the kind of an object.
func served(s *scene, o manifest.Object) kube.Problems {
	if ps := kept(s, o); ps != nil {
		return ps
	}
	k, known := kinds.Of(o.APIVersion, o.Kind)
	gone, goes := kinds.Removed(o.APIVersion, o.Kind)
	at := []any{"apiVersion"}
	switch {
	case goes && gone.Minor <= s.servers.First && !s.servers.older:
		return kube.Problems{s.at(o, "removed-kind", at, "apiVersion is %s: %s", o.APIVersion, gone)}
	case goes && gone.Minor <= s.servers.Last && !s.servers.older:
		return kube.Problems{s.at(o, "some-servers", at, "apiVersion is %s: %s", o.APIVersion, gone)}
	case goes && known && replaced(gone, o.Kind, s.servers.Minors):
		return kube.Problems{s.at(o, "removal-announced", at, "apiVersion is %s: %s", o.APIVersion, gone)}
	case known && k.Served.First > s.servers.First:
		return kube.Problems{s.at(o, "some-servers", at, "apiVersion is %s, which Kubernetes 1.%d and newer have: say so in K3.yaml, kubernetes: \">=1.%d\"", o.APIVersion, k.Served.First, k.Served.First)}
	case known || goes:
		return nil
	}
	return s.unknownKind(o)
}

// replaced tells whether all servers have what takes the place of a kind.
func replaced(r kinds.Removal, kind string, servers kinds.Minors) bool {
	k, ok := kinds.Of(r.Instead, kind)
	return ok && k.Served.First <= servers.First
}

// unknownKind refuses a kind that Kubernetes' own API has not, and warns of a custom one
// that is not defined here.
func (s *scene) unknownKind(o manifest.Object) kube.Problems {
	served, versions := s.custom.Versions(o.APIVersion, o.Kind)
	_, unserved := s.custom.Namespaced(o.APIVersion, o.Kind)
	switch {
	case served:
		return nil
	case len(versions) > 0:
		return kube.Problems{s.at(o, "unknown-kind", []any{"apiVersion"}, "apiVersion is %s, and the definition of the kind in this Kube serves %s alone", o.APIVersion, strings.Join(versions, ", "))}
	case unserved:
		return kube.Problems{s.at(o, "unknown-kind", []any{"apiVersion"}, "apiVersion is %s, which the definition of the kind in this Kube does not serve", o.APIVersion)}
	}
	if !kinds.Groups(o.APIVersion) {
		return kube.Problems{s.at(o, "unjudged", nil, "its definition is not in this Kube, so its fields are not judged")}
	}
	if near := kinds.Near(o.APIVersion, o.Kind); near != "" {
		return kube.Problems{s.at(o, "unknown-kind", []any{"kind"}, "%s has no kind %s: write %s", o.APIVersion, o.Kind, near)}
	}
	if in := kinds.In(o.Kind); len(in) > 0 {
		return kube.Problems{s.at(o, "unknown-kind", []any{"apiVersion"}, "%s has no kind %s, which is in %s", o.APIVersion, o.Kind, strings.Join(in, ", "))}
	}
	return kube.Problems{s.at(o, "unknown-kind", []any{"kind"}, "%s has no kind %s", o.APIVersion, o.Kind)}
}
