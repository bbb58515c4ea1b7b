package ready

import (
	"context"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"

	"github.com/kpm-sh/kpm/internal/cluster/api"
)

// Clock bounds all that one operation waits for, between stages and at the end. It
// runs from the first wait on: what is written takes as long as it takes.
type Clock struct {
	Limit time.Duration
	Held  time.Duration // what nothing but finalizers hold is waited for no longer than that; 0: as for all else
	start sync.Once
	end   time.Time
}

func (c *Clock) deadline() time.Time {
	c.start.Do(func() { c.end = time.Now().Add(c.Limit) })
	return c.end
}

// Remaining is how long may still be waited; 0 when time is up.
func (c *Clock) Remaining() time.Duration { return max(0, time.Until(c.deadline())) }

// Expired tells whether time is up.
func (c *Clock) Expired() bool { return c.Remaining() == 0 }

// heldOut tells whether time is up for what nothing but finalizers hold.
func (c *Clock) heldOut() bool {
	return c.Held > 0 && time.Until(c.deadline()) <= c.Limit-c.Held
}

// Polling are pauses as of [api.Polling] that do not go beyond the end of the time.
func (c *Clock) Polling(first, longest time.Duration) wait.DelayFunc {
	pause := api.Polling(first, longest)
	return func() time.Duration { return min(pause(), c.Remaining()) }
}

// Context ends a context when time is up.
func (c *Clock) Context(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithDeadline(ctx, c.deadline())
}
