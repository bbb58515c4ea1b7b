package plan

import (
	"context"
	"errors"
	"fmt"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/object"
)

// Uninstall plans to delete what the installation and its tests made, last stage
// first. What stays is in the plan with its reason. Of the request only the
// installation, the state and Purge count.
func Uninstall(ctx context.Context, c *api.Client, r Request) (*Plan, error) {
	r.CreateNamespace = false
	p := newPlanner(c, r)
	p.plan.uninstall = true
	tests, err := Tests(ctx, c, r.Installation)
	if err == nil {
		p.plan.Entries = slices.DeleteFunc(tests, func(e Entry) bool { return p.knows(e.Ref) })
		err = run(ctx, p, nil)
	}
	if err != nil {
		return nil, fmt.Errorf("planning to uninstall %s: %w", r.Installation, err)
	}
	return p.plan, nil
}

// LabelTest marks the Jobs and Pods of a test, which are the installation's and in
// none of its records.
const LabelTest = "kpm.sh/test"

// testKinds are the kinds that a test may be.
var testKinds = []api.Resource{
	api.Jobs, api.Pods,
}

// Tests are those of an installation: the Jobs and Pods in its namespace that
// carry its labels and that of a test, and that its field manager has made. What
// only carries the labels is somebody else's, and left alone. Nothing of a kind that
// we may not list is ours.
func Tests(ctx context.Context, c *api.Client, i api.Installation) ([]Entry, error) {
	var found []Entry
	for _, r := range testKinds {
		items, err := c.ListMetadata(ctx, r, i.Namespace, metav1.ListOptions{LabelSelector: i.Selector() + "," + LabelTest})
		if errors.Is(err, api.ErrForbidden) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("looking for tests of %s: %w", i, err)
		}
		for _, item := range items.Items {
			ref := r.RefTo(i.Namespace, object.Text(item, "metadata", "name"))
			if i.Made(item) {
				found = append(found, Entry{Ref: ref, Action: Removed, UID: object.Text(item, "metadata", "uid")})
			}
		}
	}
	return found, nil
}
