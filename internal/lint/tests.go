package lint

import (
	"fmt"
	"path"
	"strings"

	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/manifest"
)

// Tests are the objects that `kpm test` runs for k: each has to be a Job or a Pod,
// and there once. It warns of files that look like tests and are none.
func Tests(k *kube.Kube) ([]manifest.Object, kube.Problems) {
	var all []manifest.Object
	var problems kube.Problems
	for _, f := range k.Files {
		if ext := path.Ext(f.Path); path.Dir(f.Path) == "tests" && (ext == ".yml" || ext == ".json" || ext == ".tmpl") {
			problems = append(problems, kube.Problem{Path: f.Path, Warning: true, Rule: "test-file", Message: "no test run takes it: a test is a .yaml file"})
		}
	}
	first := places{}
	for _, f := range k.Tests() {
		objects, ps := manifest.Decode(f.Path, f.Data)
		problems = append(problems, ps...)
		for _, o := range objects {
			if !isTest(o) {
				problems = append(problems, kube.Problem{
					Path: o.Path, Line: o.Line, Message: fmt.Sprintf("%s is neither a Job nor a Pod, and a test has to be one", o),
				})
			}
			problems = append(problems, first.check(o)...)
		}
		all = append(all, objects...)
	}
	return all, problems
}

func isTest(o manifest.Object) bool {
	return o.Kind == "Job" && strings.HasPrefix(o.APIVersion, "batch/") || o.Kind == "Pod" && o.APIVersion == "v1"
}
