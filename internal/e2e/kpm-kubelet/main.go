//go:build linux

// Command kpm-kubelet is the kubelet of the version that kpm-cluster runs; see
// package node for how it is started.
package main

import (
	"context"
	"os"

	"k8s.io/component-base/cli"
	"k8s.io/kubernetes/cmd/kubelet/app"
)

func main() { os.Exit(cli.Run(app.NewKubeletCommand(context.Background()))) }
