package cluster

import (
	"context"
	"fmt"
)

// PlanUninstall plans to delete what the installation made, last stage first.
// What stays is in the plan with its reason. Of the request only the
// installation, the state and Purge count.
func (c *Cluster) PlanUninstall(ctx context.Context, r Request) (*Plan, error) {
	r.CreateNamespace = false
	p := c.newPlanner(r)
	p.plan.uninstall = true
	if err := p.run(ctx, nil); err != nil {
		return nil, fmt.Errorf("planning to uninstall %s: %w", r.Installation, err)
	}
	return p.plan, nil
}
