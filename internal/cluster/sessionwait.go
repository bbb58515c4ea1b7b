package cluster

import (
	"context"
	"errors"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/object"
)

// Wait waits until all that was applied is ready, as [Cluster.Wait] does, and what was
// deleted is gone. It asks the server for less: what has no status is ready since it
// was applied, and of what was just given to a controller a watch tells sooner than a
// look.
func (s *Session) Wait(ctx context.Context) error {
	progress := s.waiting
	if progress == nil {
		progress = func(Waiting) {}
	}
	var open, first []api.Ref
	for _, e := range s.plan.Entries {
		switch {
		case !e.applies() || e.passed:
			continue
		case s.plan.inert(e):
			progress(Waiting{Ref: e.Ref})
			continue
		case e.Action == Unchanged || stageOf(e.Ref) != Workloads:
			first = append(first, e.Ref)
		}
		open = append(open, e.Ref)
	}
	err := s.cluster.wait(ctx, open, first, s.clock.left(), progress, ready)
	var late *WaitError
	if err != nil && !errors.As(err, &late) {
		return err
	}
	if len(s.stays) > 0 { // time was up before
		return andStays(late, s.stays, s.behind)
	}
	var stays *WaitError
	if gone := s.Gone(ctx); gone != nil && !errors.As(gone, &stays) {
		return errors.Join(err, gone)
	}
	if stays == nil {
		return err
	}
	return andStays(late, stays.Stays, nil)
}

// andStays is late, which may be nil, with what does not go.
func andStays(late *WaitError, stays []Waiting, behind []api.Ref) error {
	if late == nil {
		return &WaitError{Stays: stays, Behind: behind, class: api.ErrTimeout}
	}
	return &WaitError{Failed: late.Failed, Waiting: late.Waiting, Stays: stays, Behind: behind, class: late.class}
}

// inert tells whether an object does nothing, so that there is nothing to wait for.
func (p *Plan) inert(e Entry) bool {
	switch {
	case e.Is("", "ConfigMap", "Secret", "ServiceAccount", "LimitRange", "Endpoints"),
		e.Is("rbac.authorization.k8s.io", "Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding"),
		e.Is("networking.k8s.io", "NetworkPolicy", "IngressClass"), e.Is("discovery.k8s.io", "EndpointSlice"),
		e.Is("storage.k8s.io", "StorageClass"), e.Is("scheduling.k8s.io", "PriorityClass"), e.Is("node.k8s.io", "RuntimeClass"),
		e.Is("admissionregistration.k8s.io", "MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"):
		return true
	case e.Is("", "Service"):
		return object.Text(p.objects[e.Key()].value, "spec", "type") != "LoadBalancer"
	}
	return false
}
