package indexer_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kpm-sh/kpm/indexer"
)

// recalled is a kit that has published 1.0.0, yanked, and 2.0.0, revoked.
func recalled(t *testing.T) *kit {
	k := newKit(t)
	k.first()
	k.kube("pony", "2.0.0")
	k.publish()
	k.releases("pony", "yanked: {1.0.0: old}\nrevoked: {2.0.0: worse}\n")
	if diff := cmp.Diff([]string{"pony 2.0.0 is revoked: worse", "pony 1.0.0 is yanked: old"}, k.publish().Marked); diff != "" {
		t.Errorf("marked (-want +got):\n%s", diff)
	}
	return k
}

// TestMarksLost: what was taken back stays so when the file that says it is no more.
func TestMarksLost(t *testing.T) {
	lost := "pony/releases.yaml: is missing, and it is what revoked 2.0.0 and yanked 1.0.0: put it back; to take that back, say `revoked: {}` and `yanked: {}` in it"
	for name, change := range map[string]func(k *kit){
		"the file":              func(k *kit) { k.remove("packages/pony/releases.yaml") },
		"a new version as well": func(k *kit) { k.remove("packages/pony/releases.yaml"); k.kube("pony", "3.0.0") },
		"a lower version as well": func(k *kit) {
			k.remove("packages/pony/releases.yaml")
			k.kube("pony", "0.1.0")
		},
		"back from gone": func(k *kit) {
			k.gone("pony", "eats too much")
			k.publish()
			k.remove("packages/pony")
			k.kube("pony", "3.0.0")
		},
	} {
		t.Run(name, func(t *testing.T) {
			k := recalled(t)
			change(k)
			got := problems(t, k.refused(nil))
			if diff := cmp.Diff([]string{lost}, got); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
	t.Run("an empty file", func(t *testing.T) {
		k := recalled(t)
		k.releases("pony", "")
		_ = k.refused([]string{"pony/releases.yaml: is empty"})
	})
}

// TestMarksTakenBack: a file that no longer says it takes it back, and build and check
// say so.
func TestMarksTakenBack(t *testing.T) {
	for name, c := range map[string]struct {
		marks    string
		marked   []string
		told     []string
		one, two string // kinds of 1.0.0 and 2.0.0 then
	}{
		"the same":     {"yanked: {1.0.0: old}\nrevoked: {2.0.0: worse}\n", nil, nil, "yanked", "revoked"},
		"one of two":   {"yanked: {1.0.0: old}\n", []string{"pony 2.0.0 is no longer revoked"}, []string{"pony/releases.yaml: warning: pony 2.0.0 is no longer revoked"}, "yanked", ""},
		"empty":        {"revoked: {}\n", []string{"pony 2.0.0 is no longer revoked", "pony 1.0.0 is no longer yanked"}, []string{"pony/releases.yaml: warning: pony 1.0.0 is no longer yanked", "pony/releases.yaml: warning: pony 2.0.0 is no longer revoked"}, "", ""},
		"yanked alone": {"yanked: {1.0.0: old, 2.0.0: bad}\n", []string{"pony 2.0.0 is yanked: bad", "pony 2.0.0 is no longer revoked"}, []string{"pony/releases.yaml: warning: pony 2.0.0 is no longer revoked"}, "yanked", "yanked"},
		"worse":        {"revoked: {1.0.0: bad, 2.0.0: worse}\n", []string{"pony 1.0.0 is revoked: bad"}, nil, "revoked", "revoked"},
	} {
		t.Run(name, func(t *testing.T) {
			k := recalled(t)
			k.releases("pony", c.marks)
			if diff := cmp.Diff(c.told, warnings(t, k)); diff != "" {
				t.Errorf("check (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(c.marked, k.publish().Marked); diff != "" {
				t.Errorf("marked (-want +got):\n%s", diff)
			}
			for version, want := range map[string]string{"1.0.0": c.one, "2.0.0": c.two} {
				is(t, kindOf(k, version), want)
			}
		})
	}
}

// TestMarksOfGone: what a releases.yaml says of releases counts beside gone too, and what
// was said before is not taken back by a file that says gone alone.
func TestMarksOfGone(t *testing.T) {
	k := recalled(t)
	k.gone("pony", "eats too much")
	is(t, strings.Join(k.publish().Marked, ","), "")
	is(t, kindOf(k, "2.0.0"), "revoked")
	k.releases("pony", "gone: eats too much\nrevoked: {1.0.0: leaks}\n")
	res := k.publish()
	is(t, strings.Join(res.Marked, ","), "pony 1.0.0 is revoked: leaks")
	is(t, strings.Join(res.Gone, ","), "")
	is(t, kindOf(k, "1.0.0"), "revoked")
	k.releases("pony", "gone: eats too much\nrevoked: {1.0.9: leaks}\n")
	_ = k.refused([]string{"pony/releases.yaml:2: version 1.0.9 was never published"})

	k.kube("pony", "3.0.0")
	k.releases("pony", "revoked: {1.0.0: leaks, 2.0.0: worse}\n")
	if got := warnings(t, k); !slices.Contains(got, "pony/releases.yaml: warning: pony is no longer gone") {
		t.Errorf("check warns %q", got)
	}
	is(t, strings.Join(k.publish().Marked, ","), "pony is no longer gone")
	k.audit()
}

func kindOf(k *kit, version string) string {
	rel, _ := k.releasesOf("pony").Release(version)
	switch {
	case rel.Yanked == nil:
		return ""
	case rel.Yanked.Revoked:
		return "revoked"
	}
	return "yanked"
}

// warnings are those of a check against what is published.
func warnings(t *testing.T, k *kit) []string {
	t.Helper()
	m := k.maintain()
	got, err := indexer.Check(context.Background(), indexer.CheckOptions{Packages: k.options().Packages, Previous: &m})
	if err != nil {
		t.Fatal(err)
	}
	var texts []string
	for _, p := range got.Problems.Warnings() {
		texts = append(texts, p.String())
	}
	return texts
}
