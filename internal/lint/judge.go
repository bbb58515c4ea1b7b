package lint

import (
	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/manifest"
)

// ofObject say what is wrong with one object.
var ofObject = []func(*scene, manifest.Object) kube.Problems{admitted, served, exported, privileges, imageTags, unnamed, probes, requests, secretValues}

// ofAll say what is wrong with objects beside each other.
var ofAll = []func(*scene) kube.Problems{scaled, selections, claimSecrets, namespaced}

// judged is what the rules say of those objects that fresh tells, and of all beside
// each other.
func judged(s *scene, fresh func(manifest.Object) bool) kube.Problems {
	var ps kube.Problems
	for _, o := range s.objects {
		if !fresh(o) {
			continue
		}
		for _, rule := range ofObject {
			ps = append(ps, rule(s, o)...)
		}
	}
	for _, rule := range ofAll {
		ps = append(ps, rule(s)...)
	}
	return s.waived(ps)
}

// refused is what servers would refuse of the objects, and nothing else.
func refused(s *scene) kube.Problems {
	var ps kube.Problems
	for _, o := range s.objects {
		ps = append(ps, admitted(s, o)...)
		ps = append(ps, served(s, o).Errors()...)
	}
	return ps
}
