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
		if text := notRun(f.Path); text != "" {
			problems = append(problems, kube.Problem{Path: f.Path, Line: 1, Warning: true, Rule: "test-file", Message: text})
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
			if policy := manifest.Mapping(o.Value, "spec")["restartPolicy"]; o.Kind == "Pod" && (policy == nil || policy == "Always") {
				problems = append(problems, kube.Problem{
					Path: o.Path, Line: o.Line, Warning: true, Rule: "test-file", Message: fmt.Sprintf("%s is started again when it ends, and so never passes: write restartPolicy: Never", o),
				})
			}
			problems = append(problems, first.check(o)...)
		}
		all = append(all, objects...)
	}
	return all, problems
}

// notRun says why a file in tests takes part in nothing; "" of what does, and of texts
// for people.
func notRun(file string) string {
	ext := path.Ext(file)
	other := ext == ".yml" || ext == ".json" || ext == ".tmpl"
	switch {
	case path.Dir(file) == "tests" && other:
		return "no test run takes it: a test is a .yaml file"
	case path.Dir(file) == testValues && (other || ext == ".txt" || ext == ""):
		return "no template is rendered with it: values are in a .yaml file"
	}
	return ""
}

func isTest(o manifest.Object) bool {
	return o.Kind == "Job" && strings.HasPrefix(o.APIVersion, "batch/") || o.Kind == "Pod" && o.APIVersion == "v1"
}
