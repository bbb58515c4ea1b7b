package cluster

import (
	"context"

	"k8s.io/kubernetes/cmd/kube-controller-manager/app"
	"k8s.io/kubernetes/cmd/kube-controller-manager/app/options"
)

func (c *Cluster) startControllers(ctx context.Context) error {
	s, err := options.NewKubeControllerManagerOptions()
	if err != nil {
		return err
	}
	all, off, aliases := app.KnownControllers(), app.ControllersDisabledByDefault(), app.ControllerAliases()
	if err := parse(s.Flags(all, off, aliases),
		"--kubeconfig="+c.Kubeconfig,
		"--leader-elect=false",
		"--secure-port=0",
		"--service-account-private-key-file="+c.dir.signingKey(),
		"--root-ca-file="+c.dir.certificate(),
		"--kube-api-qps=500",
		"--kube-api-burst=1000",
	); err != nil {
		return err
	}
	cfg, err := s.Config(ctx, all, off, aliases)
	if err != nil {
		return err
	}
	c.run(ctx, "kube-controller-manager", func(ctx context.Context) error { return app.Run(ctx, cfg.Complete()) })
	return nil
}
