package cluster

import (
	"context"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"

	"github.com/kpm-sh/kpm/internal/cluster/api"
)

// clock bounds all that one operation waits for, between stages and at the end. It
// runs from the first wait on: what is written takes as long as it takes.
type clock struct {
	limit time.Duration
	start sync.Once
	end   time.Time
}

func (c *clock) deadline() time.Time {
	c.start.Do(func() { c.end = time.Now().Add(c.limit) })
	return c.end
}

// left is how long may still be waited; 0 when time is up.
func (c *clock) left() time.Duration { return max(0, time.Until(c.deadline())) }

func (c *clock) up() bool { return c.left() == 0 }

// polling are pauses that do not go beyond the end of the time.
func (c *clock) polling(first, longest time.Duration) wait.DelayFunc {
	pause := api.Polling(first, longest)
	return func() time.Duration { return min(pause(), c.left()) }
}

// within ends a context when time is up.
func (c *clock) within(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithDeadline(ctx, c.deadline())
}
