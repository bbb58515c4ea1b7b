package plan

import (
	"context"
	"fmt"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/manifest"
)

// RefusedEarly is for objects whose values are not all known yet, and costs no dry run.
// Its error is what of a plan refuses them whatever these will be: a namespace that is
// not there, kinds that the server does not know, and rights that the user lacks.
func (r Request) RefusedEarly(ctx context.Context, c *api.Client, objects []manifest.Object) error {
	p := newPlanner(c, r)
	wanted, refused, err := makeDesired(ctx, c, objects, r)
	if err != nil {
		return fmt.Errorf("planning %s: %w", r.Installation, err)
	}
	p.plan.Refusals = refused
	if err := readNamespaces(ctx, p, wanted); err != nil {
		return fmt.Errorf("planning %s: %w", r.Installation, err)
	}
	for _, d := range wanted {
		if !api.May(ctx, c, "patch", d.resource, d.ref) {
			p.refuse(d, CodeForbidden, "you may not patch it")
		}
	}
	return p.plan.Err()
}
