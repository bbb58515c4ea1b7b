package lint_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/lint"
)

// Tests are Jobs and Pods; they say nothing about what is installed.
func TestTests(t *testing.T) {
	const (
		job = "apiVersion: batch/v1\nkind: Job\nmetadata: {name: a}\nspec: {template: {spec: {restartPolicy: Never, containers: [{name: c, image: \"t:1\"}]}}}\n"
		pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: b}\nspec: {restartPolicy: Never, containers: [{name: c, image: \"t:1\"}]}\n"
	)
	k := pony(t, map[string]string{"a.yaml": "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: a}\n"})
	with := func(files ...string) *kube.Kube {
		more := *k
		for i, text := range files {
			more.Files = append(more.Files, kube.File{Path: fmt.Sprintf("tests/%d.yaml", i), Data: []byte(text)})
		}
		return &more
	}
	facts, ps := lint.Kube(t.Context(), with(job, pod))
	if diff := cmp.Diff(lint.Facts{Kinds: []string{"ServiceAccount"}, Images: []string{"a:1", "z:1"}, TestImages: []string{"t:1"}}, facts); diff != "" || len(ps) > 0 {
		t.Errorf("facts (-want +got):\n%s%v", diff, ps)
	}
	odd := *k
	odd.Files = append(odd.Files, kube.File{Path: "tests/a.yml", Data: []byte(job)}, kube.File{Path: "tests/notes.md"})
	if _, ps := lint.Kube(t.Context(), &odd); len(ps) != 1 || !ps[0].Warning || ps[0].Path != "tests/a.yml" {
		t.Errorf("a test of another name: got %v", ps)
	}
	for path, want := range map[string]int{"tests/values/a.yml": 1, "tests/values/a.txt": 1, "tests/values/README.md": 0, "tests/values/a.yaml": 0} {
		odd := *k
		odd.Files = append(odd.Files, kube.File{Path: path, Data: []byte("a: 1\n")})
		if _, ps := lint.Kube(t.Context(), &odd); len(ps) != want {
			t.Errorf("%s: got %v", path, ps)
		}
	}
	for name, c := range map[string]struct {
		tests []string
		want  string
	}{
		"another kind":  {[]string{job + "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"}, "tests/0.yaml:6: ConfigMap a is neither a Job nor a Pod, and a test has to be one"},
		"a Job of none": {[]string{"apiVersion: example.com/v1\nkind: Job\nmetadata: {name: a}\n"}, "tests/0.yaml:1: Job a is neither a Job nor a Pod, and a test has to be one"},
		"twice":         {[]string{pod, job + "---\n" + pod}, "tests/1.yaml:6: Pod b is there twice, first in tests/0.yaml:1"},
		"of no version": {[]string{"apiVersion: batch/v1beta1\nkind: Job\nmetadata: {name: a}\n"}, "tests/0.yaml:1: Job a: batch/v1beta1 has no kind Job, which is in batch/v1"},
		"never ends":    {[]string{"apiVersion: v1\nkind: Pod\nmetadata: {name: b}\nspec: {containers: [{name: c, image: \"t:1\"}]}\n"}, "tests/0.yaml:1: warning: Pod b is started again when it ends, and so never passes: write restartPolicy: Never [test-file]"},
		"a namespace":   {[]string{"apiVersion: v1\nkind: Pod\nmetadata: {name: b, namespace: other}\nspec: {restartPolicy: Never, containers: [{name: c, image: \"t:1\"}]}\n"}, "tests/0.yaml:1: Pod other/b names a namespace, and tests run in that of the installation"},
		"no name":       {[]string{"apiVersion: v1\nkind: Pod\n"}, "tests/0.yaml:1: metadata.name is missing"},
	} {
		t.Run(name, func(t *testing.T) {
			_, ps := lint.Kube(t.Context(), with(c.tests...))
			if len(ps) != 1 || ps[0].String() != c.want {
				t.Errorf("got %v, want %s", ps, c.want)
			}
		})
	}
}
