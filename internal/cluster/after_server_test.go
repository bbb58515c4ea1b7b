package cluster

import (
	"strings"
	"testing"

	. "github.com/kpm-sh/kpm/internal/cluster/plan"
)

// TestServerPlanAfter plans what needs a kind and a namespace that another plan
// brings first.
func TestServerPlanAfter(t *testing.T) {
	p := somewhere(t)
	namespace := p.id.Namespace + "-coming"
	first := p.plan(crd+"apiVersion: v1\nkind: Namespace\nmetadata: {name: "+namespace+"}\n", Request{})
	second := pot + "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: there, namespace: " + namespace + "}\n"
	if err := p.plan(second, Request{}).Err(); err == nil {
		t.Error("it is planned without the other plan")
	}
	plan := p.plan(second, Request{After: []*Plan{first}})
	if err := plan.Err(); err != nil || !plan.Unchecked() || first.Unchecked() {
		t.Errorf("got %v, unchecked %t and %t", err, plan.Unchecked(), first.Unchecked())
	}
	got := summary(plan)
	for _, want := range []string{"added Pot a offline\n", "added ConfigMap there offline\n"} {
		if !strings.Contains(got, want) {
			t.Errorf("the plan is\n%swithout %s", got, want)
		}
	}
}
