package apply

import (
	"context"
	"errors"
	"slices"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/plan"
	"github.com/kpm-sh/kpm/internal/cluster/ready"
)

// Outcome is what to record when the work has ended, with an error or without: what the
// installation has, and whether the plan counts as carried out. It does when all that
// was applied is ready, and only something that was to be deleted stays.
func (a *Applier) Outcome(ctx context.Context, err error) (made []api.Item, installed bool) {
	var late *ready.Error
	if err != nil && (a.plan.Uninstall() || !errors.As(err, &late) || !late.OnlyStays()) {
		return a.items(), false
	}
	if err == nil && !a.waited && len(a.plan.Deleted()) > 0 { // something may stay
		if stays, err := ready.Remaining(ctx, a.Client, a.plan.Deleted()); err == nil {
			a.stays = stays
		}
	}
	gone := append(a.plan.Deleted(), a.plan.With(plan.GivenUp)...)
	return slices.DeleteFunc(a.items(), func(i api.Item) bool {
		return i.Why == "" && slices.Contains(gone, i.Ref) && !slices.Contains(a.behind, i.Ref)
	}), true
}
