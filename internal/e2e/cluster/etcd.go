package cluster

import (
	"context"
	"errors"
	"net/url"
	"strconv"
	"time"

	"go.etcd.io/etcd/server/v3/embed"
)

func (c *Cluster) startEtcd(ctx context.Context) error {
	client, err := loopbackURL()
	if err != nil {
		return err
	}
	peer, err := loopbackURL()
	if err != nil {
		return err
	}
	cfg := embed.NewConfig()
	cfg.Dir = c.dir.file("etcd")
	cfg.LogLevel = "error"
	cfg.LogOutputs = []string{c.Log}
	cfg.UnsafeNoFsync = true             // nothing outlives the process
	cfg.TickMs, cfg.ElectionMs = 10, 100 // it elects itself
	cfg.ListenClientUrls, cfg.AdvertiseClientUrls = []url.URL{*client}, []url.URL{*client}
	cfg.ListenPeerUrls, cfg.AdvertisePeerUrls = []url.URL{*peer}, []url.URL{*peer}
	cfg.InitialCluster = cfg.InitialClusterFromName(cfg.Name)
	if c.etcd, err = embed.StartEtcd(cfg); err != nil {
		return err
	}
	select {
	case <-c.etcd.Server.ReadyNotify():
	case err := <-c.etcd.Err():
		return err
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(patience):
		return errors.New("it did not become ready")
	}
	c.run(ctx, "etcd", func(ctx context.Context) error { return watchEtcd(ctx, c.etcd) })
	return nil
}

func watchEtcd(ctx context.Context, etcd *embed.Etcd) error {
	select {
	case err := <-etcd.Err():
		return err
	case <-ctx.Done():
		return nil
	}
}

func loopbackURL() (*url.URL, error) {
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	return &url.URL{Scheme: "http", Host: "127.0.0.1:" + strconv.Itoa(port)}, nil
}
