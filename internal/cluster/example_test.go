package cluster_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/kpm-sh/kpm/internal/cluster"
	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/ready"
	"github.com/kpm-sh/kpm/internal/manifest"
)

// An installation from the manifests to a record of it. Whoever was faster makes
// it begin anew.
func Example() {
	install := func(ctx context.Context, c *cluster.Cluster, objects []manifest.Object, id api.Installation) error {
		here := cluster.Here("run-1", c.WhoAmI(ctx))
		for {
			state, err := c.Settle(ctx, id, here, 0, nil)
			if err != nil {
				return err
			}
			plan, err := c.Plan(ctx, objects, cluster.Request{Installation: id, State: state})
			if err != nil {
				return err
			}
			if err := plan.Err(); err != nil {
				return err
			}
			s, err := c.Begin(ctx, plan, cluster.Record{Action: "install", Version: "1.0.0"}, here)
			if errors.Is(err, api.ErrStale) {
				continue
			}
			if err != nil {
				return err
			}
			err = s.Apply(ctx, func(e cluster.Event) { fmt.Println(e.Action, e.Ref) })
			if err == nil {
				err = ready.NewWaiter(c.Client).Wait(ctx, plan.Applied(), 5*time.Minute, func(w ready.Waiting) { fmt.Println(w.Ref, plan.Scrub(w.Why)) })
			}
			return errors.Join(err, s.Finish(ctx, err))
		}
	}
	_ = install // it needs a cluster
}

func ExampleConnect() {
	_, err := cluster.Connect(context.Background(), api.Options{Kubeconfig: []string{"/nowhere/config"}})
	fmt.Println(errors.Is(err, api.ErrNoKubeconfig), err)
	// Output: true no cluster in the kubeconfig, looked in /nowhere/config
}
