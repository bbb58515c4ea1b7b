package cluster

import (
	"context"
	"time"
)

// Wait waits until all that was applied is ready, as [Cluster.Wait] does, and asks
// the server for less: what has no status is ready since it was applied, and of what
// was just given to a controller a watch tells sooner than a look.
func (s *Session) Wait(ctx context.Context, timeout time.Duration, progress func(Waiting)) error {
	if progress == nil {
		progress = func(Waiting) {}
	}
	var open, first []Ref
	for _, e := range s.plan.Entries {
		switch {
		case !e.applies() || e.passed:
			continue
		case s.plan.inert(e):
			progress(Waiting{Ref: e.Ref})
			continue
		case e.Action == Unchanged || e.Stage() != Workloads:
			first = append(first, e.Ref)
		}
		open = append(open, e.Ref)
	}
	return s.cluster.wait(ctx, open, first, timeout, progress, ready)
}

// inert tells whether an object does nothing, so that there is nothing to wait for.
func (p *Plan) inert(e Entry) bool {
	switch {
	case e.is("", "ConfigMap", "Secret", "ServiceAccount", "LimitRange", "Endpoints"),
		e.is("rbac.authorization.k8s.io", "Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding"),
		e.is("networking.k8s.io", "NetworkPolicy", "IngressClass"), e.is("discovery.k8s.io", "EndpointSlice"),
		e.is("storage.k8s.io", "StorageClass"), e.is("scheduling.k8s.io", "PriorityClass"), e.is("node.k8s.io", "RuntimeClass"),
		e.is("admissionregistration.k8s.io", "MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"):
		return true
	case e.is("", "Service"):
		return text(p.objects[e.key()].value, "spec", "type") != "LoadBalancer"
	}
	return false
}
