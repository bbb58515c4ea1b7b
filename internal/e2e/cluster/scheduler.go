package cluster

import (
	"context"

	"k8s.io/kubernetes/cmd/kube-scheduler/app"
	"k8s.io/kubernetes/cmd/kube-scheduler/app/options"
)

func (c *Cluster) startScheduler(ctx context.Context) error {
	o := options.NewOptions()
	if err := parse(*o.Flags,
		"--kubeconfig="+c.Kubeconfig,
		"--leader-elect=false",
		"--secure-port=0",
		"--kube-api-qps=500",
		"--kube-api-burst=1000",
	); err != nil {
		return err
	}
	cfg, scheduler, err := app.Setup(ctx, o)
	if err != nil {
		return err
	}
	c.run(ctx, "kube-scheduler", func(ctx context.Context) error { return app.Run(ctx, cfg, scheduler) })
	return nil
}
