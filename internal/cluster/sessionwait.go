package cluster

import (
	"context"
	"errors"
	"time"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/object"
	"github.com/kpm-sh/kpm/internal/cluster/ready"
)

// Wait waits until all that was applied is ready, as [Cluster.Wait] does, and what was
// deleted is gone. It asks the server for less: what has no status is ready since it
// was applied, and of what was just given to a controller a watch tells sooner than a
// look.
func (s *Session) Wait(ctx context.Context) error {
	progress := s.waiting
	if progress == nil {
		progress = func(ready.Waiting) {}
	}
	var open, first []api.Ref
	for _, e := range s.plan.Entries {
		switch {
		case !e.applies() || e.passed:
			continue
		case s.plan.inert(e):
			progress(ready.Waiting{Ref: e.Ref})
			continue
		case e.Action == Unchanged || stageOf(e.Ref) != Workloads:
			first = append(first, e.Ref)
		}
		open = append(open, e.Ref)
	}
	err := s.cluster.ready.WaitApplied(ctx, open, first, s.clock.Remaining(), progress)
	var late *ready.Error
	if err != nil && !errors.As(err, &late) {
		return err
	}
	if len(s.stays) > 0 { // time was up before
		return late.WithStays(s.stays, s.behind)
	}
	var stays *ready.Error
	if gone := s.Gone(ctx); gone != nil && !errors.As(gone, &stays) {
		return errors.Join(err, gone)
	}
	if stays == nil {
		return err
	}
	return late.WithStays(stays.Stays, nil)
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

// WaitFor waits until all that a plan leaves is ready and all that it deletes is gone,
// where nothing had to be written for it.
func (c *Cluster) WaitFor(ctx context.Context, p *Plan, timeout time.Duration, progress func(ready.Waiting)) error {
	by := &ready.Clock{Limit: timeout}
	err := c.ready.Wait(ctx, p.Applied(), by.Remaining(), progress)
	var late, stays *ready.Error
	if err != nil && !errors.As(err, &late) {
		return err
	}
	gone := c.ready.WaitGone(ctx, p.Deleted(), by, progress)
	switch {
	case gone == nil:
		return err
	case errors.As(gone, &stays):
		return late.WithStays(stays.Stays, nil)
	}
	return errors.Join(err, gone)
}
