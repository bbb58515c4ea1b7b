package cluster

import (
	"context"
	"fmt"
	"slices"
)

// PlanUninstall plans to delete what the installation and its tests made, last stage
// first. What stays is in the plan with its reason. Of the request only the
// installation, the state and Purge count.
func (c *Cluster) PlanUninstall(ctx context.Context, r Request) (*Plan, error) {
	r.CreateNamespace = false
	p := c.newPlanner(r)
	p.plan.uninstall = true
	tests, err := c.tests(ctx, r.Installation)
	if err == nil {
		p.plan.Entries = slices.DeleteFunc(tests, func(e Entry) bool { return p.knows(e.Ref) })
		err = p.run(ctx, nil)
	}
	if err != nil {
		return nil, fmt.Errorf("planning to uninstall %s: %w", r.Installation, err)
	}
	return p.plan, nil
}
