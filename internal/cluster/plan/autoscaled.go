package plan

import (
	"cmp"
	"context"
	"reflect"
	"sync"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/object"
)

// A HorizontalPodAutoscaler sets the replicas of its target. What a manifest says
// of them holds for the first time alone; afterwards they are left as they are,
// whether the autoscaler is the Kube's or somebody else's.

// scalers are the autoscalers by what they scale: those of the plan, and those that
// others have in the namespaces that were asked for.
type scalers struct {
	client *api.Client
	id     api.Installation

	mu     sync.Mutex
	wanted map[string]string            // name, by the key of the target
	live   map[string]map[string]string // the same, by namespace; nil where they may not be listed
}

func scalersOf(c *api.Client, i api.Installation, wanted []*desired) *scalers {
	s := &scalers{client: c, id: i, wanted: map[string]string{}, live: map[string]map[string]string{}}
	for _, d := range wanted {
		if d.ref.Is("autoscaling", "HorizontalPodAutoscaler") {
			s.wanted[scaledBy(d.ref.Namespace, d.value)] = d.ref.Name
		}
	}
	return s
}

// scaledBy is the key of what an autoscaler scales.
func scaledBy(namespace string, scaler map[string]any) string {
	target := object.Map(scaler, "spec", "scaleTargetRef")
	return api.Ref{
		APIVersion: cmp.Or(object.Text(target, "apiVersion"), "v1"), Kind: object.Text(target, "kind"), Namespace: namespace, Name: object.Text(target, "name"),
	}.Key()
}

// of is the name of the autoscaler of an object, "" when there is none. Whoever
// may not list them has only those of the plan: then the rest is not known.
func (s *scalers) of(ctx context.Context, ref api.Ref) (name string, known bool) {
	if name := s.wanted[ref.Key()]; name != "" {
		return name, true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	live, asked := s.live[ref.Namespace]
	if !asked {
		live = s.readLive(ctx, ref.Namespace)
		s.live[ref.Namespace] = live
	}
	return live[ref.Key()], live != nil
}

// readLive are those that others have in a namespace. One of the installation
// that the plan does not have goes.
func (s *scalers) readLive(ctx context.Context, namespace string) map[string]string {
	found := map[string]string{}
	r, err := s.client.Served(ctx, api.Ref{APIVersion: "autoscaling/v2", Kind: "HorizontalPodAutoscaler"})
	if err != nil {
		return found
	}
	page, err := s.client.ListObjects(ctx, r, namespace, metav1.ListOptions{})
	if err != nil {
		return nil
	}
	for _, scaler := range page.Items {
		if s.id.OwnerOf(scaler) != api.Ours {
			found[scaledBy(namespace, scaler)] = object.Text(scaler, "metadata", "name")
		}
	}
	return found
}

// leaveReplicas leaves the replicas of a live object to its autoscaler, and returns
// why they are not those of the manifest; "" when they are. As long as nobody else
// has set them they are applied as they are: dropped, they would fall to 1.
func leaveReplicas(ctx context.Context, p *planner, d *desired, live map[string]any) string {
	spec := object.Map(d.value, "spec")
	is := object.Map(live, "spec")["replicas"]
	if spec["replicas"] == nil || is == nil || reflect.DeepEqual(spec["replicas"], is) {
		return ""
	}
	name, known := p.scalers.of(ctx, d.ref)
	if d.mayScale = !known; name == "" {
		return ""
	}
	d.scaled, spec["replicas"] = true, is
	if mine, by := holders(live, []string{"f:spec", "f:replicas"}, p.request.Installation.Manager(), false); !mine && len(by) > 0 {
		delete(spec, "replicas")
	}
	return "its replicas are left to HorizontalPodAutoscaler " + name
}

// keepReplicas lets an object that is made again have as many as it had, where they
// are not the manifest's.
func keepReplicas(d *desired, live map[string]any) {
	if spec := object.Map(d.value, "spec"); d.scaled {
		spec["replicas"] = object.Map(live, "spec")["replicas"]
	}
}
