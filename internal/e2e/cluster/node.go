package cluster

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"text/template"
	"time"

	"github.com/kpm-sh/kpm/internal/e2e/netns"
)

// Node is a real node, in the place of KWOK's: kubelet, containerd and runc, in
// package machine and nowhere else.
type Node struct {
	Kubelet string // the binary
	Images  string // an archive of all images there are; the pods' own is kpm.sh/e2e/pause:1
	Dir     string // for all that the node writes; it goes away with the machine
	Cgroup  string // name of the one, below the root, that all of the pods are in
}

// Socket is where containerd listens, whose images and containers are in the
// namespace k8s.io.
func (n *Node) Socket() string { return filepath.Join(n.Dir, "containerd.sock") }

const (
	bridge = "kpm0"
	// stopping is how long a part of the node may take to end after SIGTERM.
	stopping = 10 * time.Second
)

// address is the node's own on the bridge; pods get others of its network.
var address = netip.MustParsePrefix("10.88.0.1/16")

// start starts the parts of the node, which run as those of c do. Nothing of it needs to be undone: it
// goes with the machine.
func (n *Node) start(ctx context.Context, c *Cluster) error {
	plugins, err := pluginDir()
	if err != nil {
		return err
	}
	if err := netns.Bridge(bridge, address); err != nil {
		return err
	}
	facts := struct {
		*Node
		Plugins, Bridge, Address string
		Network                  netip.Prefix
	}{n, plugins, bridge, address.Addr().String(), address.Masked()}
	for name, text := range settings {
		if err := fill(filepath.Join(n.Dir, name), text, facts); err != nil {
			return err
		}
	}
	c.run(ctx, "containerd", program(c.logs, "containerd", "--config", filepath.Join(n.Dir, "containerd.toml")))
	c.Containerd = n.Socket()
	if err := n.importImages(ctx); err != nil {
		return err
	}
	c.run(ctx, filepath.Base(n.Kubelet), program(c.logs, n.Kubelet,
		"--kubeconfig="+c.Kubeconfig,
		"--config="+filepath.Join(n.Dir, "kubelet.yaml"),
		"--root-dir="+filepath.Join(n.Dir, "kubelet"),
		"--cert-dir="+filepath.Join(n.Dir, "pki"),
		"--hostname-override=node-1",
		"--node-ip="+facts.Address,
	))
	return nil
}

// pluginDir is where the CNI plugins lie: Debian has a place of its own.
func pluginDir() (string, error) {
	dirs := []string{"/usr/lib/cni", "/opt/cni/bin"}
	for _, dir := range dirs {
		if _, err := os.Stat(filepath.Join(dir, "bridge")); err == nil {
			return dir, nil
		}
	}
	return "", fmt.Errorf("no CNI plugin \"bridge\" is in %s (Debian: apt-get install containernetworking-plugins)", strings.Join(dirs, " or "))
}

func fill(path, text string, facts any) (err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	t, err := template.New(filepath.Base(path)).Parse(text)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return t.Execute(f, facts)
}

// program is a part of the node, which should end only with its context. It is in a
// session of its own: Ctrl-C is not for it.
func program(logs io.Writer, path string, args ...string) func(context.Context) error {
	return func(ctx context.Context) error {
		cmd := exec.CommandContext(ctx, path, args...)
		cmd.Stdout, cmd.Stderr = logs, logs
		cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
		cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
		cmd.WaitDelay = stopping
		return cmd.Run()
	}
}

// importImages waits for containerd first.
func (n *Node) importImages(ctx context.Context) error {
	if err := await(ctx, func(ctx context.Context) error { return n.ctr(ctx, "version") }); err != nil {
		return err
	}
	return n.ctr(ctx, "images", "import", n.Images)
}

func (n *Node) ctr(ctx context.Context, args ...string) error {
	args = append([]string{"--address", n.Socket(), "--namespace", "k8s.io"}, args...)
	if out, err := exec.CommandContext(ctx, "ctr", args...).CombinedOutput(); err != nil {
		return fmt.Errorf("running ctr %s: %w: %s", strings.Join(args, " "), err, out)
	}
	return nil
}
