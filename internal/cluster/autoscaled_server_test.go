package cluster

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/types"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/object"
	. "github.com/kpm-sh/kpm/internal/cluster/plan"
)

// scale sets the replicas as an autoscaler does.
func (p place) scale(n int) {
	p.t.Helper()
	_, err := p.Do(p.t.Context(), api.Request{
		Method: http.MethodPatch, Path: "/apis/apps/v1/namespaces/" + p.id.Namespace + "/deployments/app/scale", ContentType: string(types.MergePatchType),
		Query: url.Values{"fieldManager": {"kube-controller-manager"}}, Body: map[string]any{"spec": map[string]any{"replicas": n}},
	})
	if err != nil {
		p.t.Fatal(err)
	}
}

// TestServerAutoscaled has the replicas of a manifest hold for the first time alone,
// where an autoscaler of the Kube, or of somebody else, sets them.
func TestServerAutoscaled(t *testing.T) {
	const scaler = "---\napiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: scaler}\n" +
		"spec: {minReplicas: 1, maxReplicas: 9, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: app}, metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 50}}}]}\n"
	const deployment = "apps/v1 Deployment app"
	two, three := app("  replicas: 2\n", side, ""), app("  replicas: 3\n", side, "")
	for name, with := range map[string]string{"its own": scaler, "somebody's": ""} {
		t.Run(name, func(t *testing.T) {
			p := somewhere(t)
			p.install(two+with, Request{})
			if with == "" {
				p.stranger(scaler)
			}
			p.install(three+with, Request{Upgrade: true}) // nobody has scaled it yet
			if n := object.Number(p.live(deployment), "spec", "replicas"); n != 2 {
				t.Errorf("%d replicas before it was scaled", n)
			}
			p.scale(4)
			plan := p.install(three+with, Request{Upgrade: true})
			if n := object.Number(p.live(deployment), "spec", "replicas"); n != 4 {
				t.Errorf("%d replicas after it was scaled to 4", n)
			}
			if !strings.Contains(summary(plan), "left to HorizontalPodAutoscaler scaler") {
				t.Errorf("the plan is\n%s", summary(plan))
			}
			if again := p.plan(three+with, Request{}); !again.Idle() {
				t.Errorf("again:\n%s", summary(again))
			}
			other := strings.ReplaceAll(three, "app: a", "app: other") + with
			p.install(other, Request{Upgrade: true}) // made again
			if n := object.Number(p.live(deployment), "spec", "replicas"); n != 4 {
				t.Errorf("%d replicas after it was made again", n)
			}
			if with == "" {
				return
			}
			p.scale(5)
			if plan := p.plan(strings.ReplaceAll(three, "app: a", "app: other"), Request{Upgrade: true}); !errors.Is(plan.Err(), api.ErrConflict) {
				t.Errorf("without an autoscaler: %v", plan.Err())
			}
		})
	}
}
