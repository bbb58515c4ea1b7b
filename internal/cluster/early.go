package cluster

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/manifest"
)

// RefusedEarly is for objects whose values are not all known yet, and costs no dry run.
// Its error is what of a plan refuses them whatever these will be: a namespace that is
// not there, kinds that the server does not know, and rights that the user lacks.
func (r Request) RefusedEarly(ctx context.Context, c *Cluster, objects []manifest.Object) error {
	p := c.newPlanner(r)
	wanted, refused, err := c.desire(ctx, objects, r)
	if err != nil {
		return fmt.Errorf("planning %s: %w", r.Installation, err)
	}
	p.plan.Refusals = refused
	if err := p.lookAtNamespaces(ctx, wanted); err != nil {
		return fmt.Errorf("planning %s: %w", r.Installation, err)
	}
	for _, d := range wanted {
		if !may(ctx, c, "patch", d.resource, d.ref) {
			p.refuse(d, CodeForbidden, "you may not patch it")
		}
	}
	return p.plan.Err()
}

// MayRecord refuses who may not write the record of an installation.
func MayRecord(ctx context.Context, i api.Installation, c *Cluster) error {
	if may(ctx, c, "create", api.Secrets, api.Ref{Namespace: i.Namespace}) {
		return nil
	}
	return api.Fault(fmt.Sprintf("writing the record of %s: you may not create Secrets in namespace %s", i, i.Namespace), api.ErrForbidden)
}

// may asks whether the user may do something with an object, or with any of its kind
// where it has no name. A server that does not tell says nothing against it.
func may(ctx context.Context, c *Cluster, verb string, to api.Resource, ref api.Ref) bool {
	a, err := c.Do(ctx, api.Request{
		Method: http.MethodPost, Path: "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
		Body: map[string]any{
			"apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview",
			"spec": map[string]any{"resourceAttributes": map[string]any{
				"namespace": ref.Namespace, "verb": verb, "group": to.Group, "version": to.Version, "resource": to.Plural, "name": ref.Name,
			}},
		},
	})
	var review struct {
		Status struct {
			Allowed bool `json:"allowed"`
		} `json:"status"`
	}
	return err != nil || json.Unmarshal(a.Body, &review) != nil || review.Status.Allowed
}
