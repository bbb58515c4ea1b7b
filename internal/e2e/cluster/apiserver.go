package cluster

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/spf13/pflag"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
	cliflag "k8s.io/component-base/cli/flag"
	"k8s.io/kubernetes/cmd/kube-apiserver/app"
	"k8s.io/kubernetes/cmd/kube-apiserver/app/options"
)

// startAPIServer starts kube-apiserver, writes the kubeconfigs and returns when
// the server is ready.
func (c *Cluster) startAPIServer(ctx context.Context, cfg Config) error {
	port, err := freePort()
	if err != nil {
		return err
	}
	if err := writeKey(c.dir.signingKey()); err != nil {
		return err
	}
	tokens, err := writeTokens(c.dir.tokenFile(), append([]User{administrator}, cfg.Users...))
	if err != nil {
		return err
	}
	if err := c.runAPIServer(ctx, port, cfg.Node != nil); err != nil {
		return err
	}
	if err := c.writeKubeconfigs(port, tokens); err != nil {
		return err
	}
	if c.admin, err = clientcmd.BuildConfigFromFlags("", c.Kubeconfig); err != nil {
		return err
	}
	c.admin.QPS = -1 // no limit
	if c.client, err = kubernetes.NewForConfig(c.admin); err != nil {
		return err
	}
	return await(ctx, func(ctx context.Context) error {
		_, err := c.client.RESTClient().Get().AbsPath("/readyz").DoRaw(ctx)
		return err
	})
}

// runAPIServer runs it. Where there are real pods it asks those of a webhook's Service, as
// no proxy leads from the address of a Service to them.
func (c *Cluster) runAPIServer(ctx context.Context, port int, pods bool) error {
	s := options.NewServerRunOptions()
	if err := parse(s.Flags(),
		"--enable-aggregator-routing="+strconv.FormatBool(pods),
		"--etcd-servers="+c.etcd.Config().AdvertiseClientUrls[0].String(),
		"--bind-address=127.0.0.1",
		"--advertise-address=127.0.0.1",
		"--secure-port="+strconv.Itoa(port),
		"--cert-dir="+string(c.dir),
		"--endpoint-reconciler-type=none",
		"--service-cluster-ip-range=10.96.0.0/16",
		"--authorization-mode=Node,RBAC",
		"--token-auth-file="+c.dir.tokenFile(),
		"--service-account-issuer=https://kubernetes.default.svc.cluster.local",
		"--service-account-key-file="+c.dir.signingKey(),
		"--service-account-signing-key-file="+c.dir.signingKey(),
		"--allow-privileged=true",
		"--profiling=false",
		"--kubelet-preferred-address-types=InternalIP",
	); err != nil {
		return err
	}
	if err := s.GenericServerRunOptions.ComponentGlobalsRegistry.Set(); err != nil {
		return fmt.Errorf("setting feature gates: %w", err)
	}
	completed, err := s.Complete(ctx)
	if err != nil {
		return err
	}
	if err := errors.Join(completed.Validate()...); err != nil {
		return err
	}
	c.run(ctx, "kube-apiserver", func(ctx context.Context) error { return app.Run(ctx, completed) })
	return nil
}

// parse sets the flags of a component, without the command around it: each
// upstream command installs a signal handler, and a process may have one.
func parse(sets cliflag.NamedFlagSets, args ...string) error {
	flags := pflag.NewFlagSet("", pflag.ContinueOnError)
	for _, s := range sets.FlagSets {
		flags.AddFlagSet(s)
	}
	if err := flags.Parse(args); err != nil {
		return fmt.Errorf("setting flags: %w", err)
	}
	return nil
}
