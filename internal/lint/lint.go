// Package lint judges the objects of a Kube without a cluster, and tells what
// the index says about them.
//
// It reads every plain manifest and refuses files that do not parse, objects
// without apiVersion, kind or name, and one object in two places. It does not
// render templates, so what only a template gives is neither judged nor among
// the facts, and it does not know the schemas of Kubernetes.
package lint

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/manifest"
)

// Facts are what a record of the index says about the objects of a Kube; both
// are sorted and have no entry twice. Images includes those that K3.yaml names.
type Facts struct {
	Kinds  []string
	Images []string
}

// Kube judges the plain manifests of k, one at a time: no object outlives its
// file. Facts are whole when Problems has no error.
func Kube(k *kube.Kube) (Facts, kube.Problems) {
	kinds, images := map[string]bool{}, map[string]bool{}
	for _, ref := range k.Images {
		images[ref] = true
	}
	var problems kube.Problems
	first := places{}
	for _, f := range k.Manifests() {
		objects, ps := manifest.Decode(f.Path, f.Data)
		problems = append(problems, ps...)
		for _, o := range objects {
			problems = append(problems, first.check(o)...)
			kinds[o.Kind] = true
			for _, ref := range manifest.Images(o) {
				images[ref] = true
			}
		}
	}
	problems.Sort()
	return Facts{
		Kinds:  slices.Sorted(maps.Keys(kinds)),
		Images: slices.Sorted(maps.Keys(images)),
	}, problems
}

// places are where each object was seen first. The version of its API does not
// tell two objects apart: the cluster keeps one for all versions of a group.
type places map[object]string

type object struct{ group, kind, namespace, name string }

func (ps places) check(o manifest.Object) kube.Problems {
	group, _, ok := strings.Cut(o.APIVersion, "/")
	if !ok {
		group = ""
	}
	key := object{group, o.Kind, o.Namespace, o.Name}
	if place, ok := ps[key]; ok {
		return kube.Problems{{
			Path:    o.Path,
			Line:    o.Line,
			Message: fmt.Sprintf("%s is there twice, first in %s", o, place),
		}}
	}
	ps[key] = fmt.Sprintf("%s:%d", o.Path, o.Line)
	return nil
}
