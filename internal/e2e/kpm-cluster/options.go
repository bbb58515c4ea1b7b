//go:build linux

package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"github.com/kpm-sh/kpm/internal/e2e/cluster"
)

// nodeDir is where a real node writes. Nothing of it is on a disk.
const nodeDir = "/run/node"

// options are the flags, which all modes share.
type options struct {
	userList string
	users    []cluster.User
	kubelet  string
	images   string
}

// parse reads the flags and returns what follows them.
func parse(args []string) (options, []string, error) {
	var o options
	flags := flag.NewFlagSet("kpm-cluster [run]", flag.ContinueOnError)
	flags.StringVar(&o.userList, "users", "dev,viewer=view", "users besides the administrator, as NAME or NAME=CLUSTERROLE")
	flags.StringVar(&o.kubelet, "kubelet", "", "binary of the kubelet of a real node")
	flags.StringVar(&o.images, "images", "", "archive of the images on a real node")
	if err := flags.Parse(args); err != nil {
		return o, nil, err
	}
	if (o.kubelet == "") != (o.images == "") {
		return o, nil, errors.New("--kubelet and --images go together")
	}
	for _, path := range []*string{&o.kubelet, &o.images} {
		if *path == "" {
			continue
		}
		var err error
		if *path, err = filepath.Abs(*path); err != nil {
			return o, nil, fmt.Errorf("looking for the working directory: %w", err)
		}
	}
	var err error
	o.users, err = cluster.ParseUsers(o.userList)
	return o, flags.Args(), err
}

// args are the flags that parse would make o of.
func (o options) args() []string {
	args := []string{"--users", o.userList}
	if o.node() {
		args = append(args, "--kubelet", o.kubelet, "--images", o.images)
	}
	return args
}

// node tells whether the cluster is to have a real node.
func (o options) node() bool { return o.kubelet != "" }

// config is the cluster that o describes. The cgroup is named as runOutside
// expects it.
func (o options) config(dir string) cluster.Config {
	c := cluster.Config{Dir: dir, Users: o.users}
	if o.node() {
		c.Node = &cluster.Node{Kubelet: o.kubelet, Images: o.images, Dir: nodeDir, Cgroup: filepath.Base(os.TempDir())}
	}
	return c
}
