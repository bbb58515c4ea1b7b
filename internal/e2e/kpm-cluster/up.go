//go:build linux

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
	"k8s.io/klog/v2"

	"github.com/kpm-sh/kpm/internal/e2e/cluster"
	"github.com/kpm-sh/kpm/internal/e2e/netns"
)

// up runs a cluster in the namespace the process is in.
func up(o options) error {
	if err := unix.Prctl(unix.PR_SET_PDEATHSIG, uintptr(unix.SIGTERM), 0, 0, 0); err != nil {
		return fmt.Errorf("binding to the life of the parent: %w", err)
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if piped(os.Stdin) {
		go func() {
			_, _ = io.Copy(io.Discard, os.Stdin)
			cancel()
		}()
	}
	return withCluster(ctx, o, func(c *cluster.Cluster, _ *os.File) error {
		if err := json.NewEncoder(os.Stdout).Encode(c); err != nil {
			return err
		}
		<-c.Done()
		return nil
	})
}

func piped(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&(fs.ModeNamedPipe|fs.ModeSocket) != 0
}

// withCluster starts a cluster, calls use with it and with standard error, which
// is diverted meanwhile, and stops the cluster. It refuses to do so where a packet
// could get out.
func withCluster(ctx context.Context, o options, use func(c *cluster.Cluster, stderr *os.File) error) (err error) {
	if err := netns.Check(); err != nil {
		return refusal(err)
	}
	if err := netns.LoopbackUp(); err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "kpm-cluster-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	stderr, restore, err := divert(filepath.Join(dir, cluster.LogName))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, restore()) }()
	klog.OsExit = func(code int) {
		fmt.Fprintf(stderr, "kpm-cluster: Kubernetes gave up\n%s\n", tail(dir))
		os.Exit(code)
	}
	c, err := cluster.Start(ctx, o.config(dir))
	if ctx.Err() != nil {
		return errors.New("stopped before the cluster was ready")
	}
	if err != nil {
		return fmt.Errorf("%w\n%s", err, tail(dir))
	}
	defer func() {
		if stopErr := c.Stop(); stopErr != nil {
			err = errors.Join(err, fmt.Errorf("%w\n%s", stopErr, tail(dir)))
		}
	}()
	return use(c, stderr)
}

func refusal(reason error) error {
	return fmt.Errorf(`this is no empty network namespace:
  %s
Start it with one of
  unshare -n kpm-cluster         as root
  unshare -r -n kpm-cluster      as another user
  kpm-cluster run -- COMMAND     which makes the namespace itself`,
		strings.ReplaceAll(reason.Error(), "\n", "\n  "))
}
