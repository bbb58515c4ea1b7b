package cluster

import (
	"context"
	"errors"
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/object"
)

// LabelTest marks the Jobs and Pods of a test, which are the installation's and in
// none of its records.
const LabelTest = "kpm.sh/test"

// testKinds are the kinds that a test may be.
var testKinds = []api.Resource{
	api.Jobs, api.Pods,
}

// tests are the tests of an installation: the Jobs and Pods in its namespace that
// carry its labels and that of a test, and that its field manager has made. What
// only carries the labels is somebody else's, and left alone. Nothing of a kind that
// we may not list is ours.
func (c *Cluster) tests(ctx context.Context, i api.Installation) ([]Entry, error) {
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

// RemoveTests deletes what a test run has left. It returns what it deleted, which may
// take a while to go.
func (c *Cluster) RemoveTests(ctx context.Context, i api.Installation) ([]api.Ref, error) {
	found, err := c.tests(ctx, i)
	if err != nil {
		return nil, err
	}
	var gone []api.Ref
	for _, e := range found {
		r, err := c.Resource(ctx, e.APIVersion, e.Kind)
		if err == nil {
			err = c.removeTest(ctx, r, e.Ref, e.UID)
		}
		if err != nil {
			return gone, fmt.Errorf("deleting %s: %w", e.Ref, err)
		}
		gone = append(gone, e.Ref)
	}
	return gone, nil
}

func (c *Cluster) removeTest(ctx context.Context, r api.Resource, ref api.Ref, uid string) error {
	err := c.Delete(ctx, r, ref, uid, "", metav1.DeletePropagationBackground)
	if errors.Is(err, api.ErrNotFound) || errors.Is(err, api.ErrConflict) { // gone, or another object by now
		return nil
	}
	return err
}
