package lint

import (
	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/manifest"
)

// The rules that manifests are judged by, plain ones and those that templates
// give. Each lies in a file of its own.
var (
	// ofObject say what is wrong with one object.
	ofObject = []func(manifest.Object) kube.Problems{retired, exported}
	// ofKube say what is wrong with one object of a Kube.
	ofKube = []func(*kube.Kube, manifest.Object) kube.Problems{unnamed}
	// ofAll say what is wrong with objects beside each other.
	ofAll = []func([]manifest.Object) kube.Problems{scaled}
)

// judged is what the rules say of objects that are applied together.
func judged(k *kube.Kube, objects []manifest.Object) kube.Problems {
	var ps kube.Problems
	for _, o := range objects {
		for _, rule := range ofObject {
			ps = append(ps, rule(o)...)
		}
		for _, rule := range ofKube {
			ps = append(ps, rule(k, o)...)
		}
	}
	for _, rule := range ofAll {
		ps = append(ps, rule(objects)...)
	}
	return ps
}
