package apply

import (
	"context"
	"errors"
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/plan"
)

// RemoveTests deletes what a test run has left. It returns what it deleted, which may
// takeOver a while to go.
func RemoveTests(ctx context.Context, c *api.Client, i api.Installation) ([]api.Ref, error) {
	found, err := plan.Tests(ctx, c, i)
	if err != nil {
		return nil, err
	}
	var gone []api.Ref
	for _, e := range found {
		r, err := c.Resource(ctx, e.APIVersion, e.Kind)
		if err == nil {
			err = removeTest(ctx, c, r, e.Ref, e.UID)
		}
		if err != nil {
			return gone, fmt.Errorf("deleting %s: %w", e.Ref, err)
		}
		gone = append(gone, e.Ref)
	}
	return gone, nil
}

func removeTest(ctx context.Context, c *api.Client, r api.Resource, ref api.Ref, uid string) error {
	err := c.Delete(ctx, r, ref, uid, "", metav1.DeletePropagationBackground)
	if errors.Is(err, api.ErrNotFound) || errors.Is(err, api.ErrConflict) { // gone, or another object by now
		return nil
	}
	return err
}
