package cluster

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"go.etcd.io/etcd/server/v3/embed"
	"golang.org/x/sync/errgroup"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
)

// patience bounds the start of a cluster, which takes three seconds on a quiet
// machine.
const patience = 3 * time.Minute

// Config says which cluster to start.
type Config struct {
	Dir   string // an existing folder for all that the cluster writes; the caller removes it
	Users []User // who may authenticate, besides the administrator
	Node  *Node  // the one node; without it there are some that KWOK pretends to run
}

// Cluster is a running control plane.
type Cluster struct {
	Kubeconfig   string            `json:"kubeconfig"`           // of the administrator
	Users        map[string]string `json:"users"`                // user name → kubeconfig
	Containerd   string            `json:"containerd,omitempty"` // where that of a real node listens
	Log          string            `json:"log"`                  // of all components
	Milliseconds map[string]int64  `json:"milliseconds"`         // from the start until each step was done

	dir     folder
	logs    *os.File
	etcd    *embed.Etcd
	admin   *rest.Config
	client  *kubernetes.Clientset
	group   *errgroup.Group
	done    <-chan struct{}
	cancel  context.CancelFunc
	started time.Time
}

// Start starts a cluster and returns when its nodes are Ready and pods can be
// made in the namespace default. The cluster runs until ctx is done or Stop is
// called. After an error nothing runs.
func Start(ctx context.Context, cfg Config) (*Cluster, error) {
	ctx, cancel := context.WithCancel(ctx)
	group, ctx := errgroup.WithContext(ctx)
	c := &Cluster{
		dir: folder(cfg.Dir), started: time.Now(), group: group, done: ctx.Done(), cancel: cancel,
		Users: map[string]string{}, Milliseconds: map[string]int64{},
	}
	if err := c.start(ctx, cfg); err != nil {
		if stopErr := c.Stop(); !errors.Is(err, stopErr) {
			err = errors.Join(err, stopErr)
		}
		return nil, err
	}
	return c, nil
}

func (c *Cluster) start(ctx context.Context, cfg Config) error {
	for _, step := range []struct {
		name string
		run  func(context.Context) error
	}{
		{"log", func(context.Context) (err error) {
			c.Log = c.dir.file(LogName)
			c.logs, err = openLog(c.Log)
			return err
		}},
		{"etcd", c.startEtcd},
		{"apiserver", func(ctx context.Context) error { return c.startAPIServer(ctx, cfg) }},
		{"users", func(ctx context.Context) error { return bindUsers(ctx, c.client, cfg.Users) }},
		{"controllers", c.startControllers},
		{"scheduler", c.startScheduler},
		{"volumes", func(ctx context.Context) error { return startVolumes(ctx, c.client, c.group) }},
		{"nodes", func(ctx context.Context) error {
			if cfg.Node != nil {
				return cfg.Node.start(ctx, c)
			}
			return pretendNodes(ctx, c.client, c.Kubeconfig, c.logs)
		}},
		{"ready", func(ctx context.Context) error { return awaitReady(ctx, c.client) }},
	} {
		if err := step.run(ctx); err != nil {
			return fmt.Errorf("starting the cluster (%s): %w", step.name, err)
		}
		c.Milliseconds[step.name] = time.Since(c.started).Milliseconds()
	}
	return nil
}

// Done is closed when the cluster runs no longer, because its context is done or
// because a component stopped by itself; Stop tells which.
func (c *Cluster) Done() <-chan struct{} { return c.done }

// Stop ends all components and waits for them. It returns an error when one of
// them had stopped by itself.
func (c *Cluster) Stop() error {
	c.cancel()
	err := c.group.Wait()
	if c.etcd != nil {
		c.etcd.Close()
	}
	if c.logs != nil {
		err = errors.Join(err, closeLog(c.logs))
	}
	return err
}

// run runs a component that should end only with its context.
func (c *Cluster) run(ctx context.Context, name string, component func(context.Context) error) {
	c.group.Go(func() error {
		err := component(ctx)
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil:
			return fmt.Errorf("running %s: %w", name, err)
		}
		return fmt.Errorf("running %s: it stopped", name)
	})
}
