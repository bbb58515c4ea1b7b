package ready

import (
	"cmp"
	"context"
	"errors"

	"golang.org/x/sync/errgroup"

	"github.com/kpm-sh/kpm/internal/cluster/api"
)

// Readiness reads each object once, and says what [Waiter.Wait] would wait for:
// Why is "" for one that is ready. What we may not read, and what the server does
// not know, is not ready and says so. An error means that the server could not be
// asked.
func Readiness(ctx context.Context, c *api.Client, objects []api.Ref) ([]Waiting, error) {
	seen := make([]Waiting, len(objects))
	group, each := errgroup.WithContext(ctx)
	group.SetLimit(api.Parallel)
	for i, ref := range objects {
		group.Go(func() (err error) {
			seen[i], err = readinessOf(each, c, ref)
			return err
		})
	}
	return seen, group.Wait()
}

func readinessOf(ctx context.Context, c *api.Client, ref api.Ref) (Waiting, error) {
	v, err := observe(ctx, c, ref, ready)
	switch {
	case ctx.Err() != nil, errors.Is(err, api.ErrUnreachable) && !errors.Is(err, api.ErrSilent):
		return Waiting{}, err
	case err != nil:
		return Waiting{Ref: ref, Why: err.Error()}, nil
	case v.ready:
		return Waiting{Ref: ref, Note: v.note}, nil
	}
	for _, f := range v.faults {
		v.why = f.String()
	}
	return Waiting{Ref: ref, Why: cmp.Or(v.why, "it is not ready"), Gone: v.gone, Finalizers: v.finalizers}, nil
}
