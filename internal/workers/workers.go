// Package workers shares work among goroutines that take the next piece when they are
// done with one: thousands of small pieces are not worth a goroutine each.
package workers

import (
	"context"
	"sync/atomic"

	"golang.org/x/sync/errgroup"
)

// Each does work 0…n-1, in that order, by at most atOnce goroutines. It ends at the first
// error, which it gives once all have ended, and at the end of ctx with its error.
func Each(ctx context.Context, atOnce, n int, work func(ctx context.Context, i int) error) error {
	g, ctx := errgroup.WithContext(ctx)
	var taken atomic.Int64
	for range min(atOnce, n) {
		g.Go(func() error {
			for i := int(taken.Add(1)) - 1; i < n; i = int(taken.Add(1)) - 1 {
				if err := ctx.Err(); err != nil {
					return err
				}
				if err := work(ctx, i); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return g.Wait()
}
