package plan

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kpm-sh/kpm/internal/cluster/api"
)

// However many objects would lie in a namespace that is not there, it is told once.
func TestNamespacesAreRefusedOnce(t *testing.T) {
	p := newPlanner(&api.Client{}, Request{Installation: api.Installation{Namespace: "mine", Name: "web"}})
	p.namespaces = map[string]nsState{"mine": nsMissing, "other": nsMissing, "going": nsTerminating, "there": nsThere}
	p.holding["going"] = "; Some content has finalizers: a"
	in := func(namespace, source string) *desired {
		return &desired{ref: api.Ref{APIVersion: "v1", Kind: "ConfigMap", Namespace: namespace, Name: source}, source: source}
	}
	refuseNamespaces(p, []*desired{in("mine", "a"), in("mine", "b"), in("other", "c"), in("other", "d"), in("there", "e")})
	finish(p)
	var got []string
	for _, r := range p.plan.Refusals {
		got = append(got, r.String())
	}
	want := []string{
		"Namespace going: the namespace going is being deleted; Some content has finalizers: a: wait until it is gone",
		"Namespace mine: there is no namespace mine",
		"Namespace other (c): there is no namespace other",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("refusals (-want +got):\n%s", diff)
	}
}
