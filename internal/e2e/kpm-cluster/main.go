//go:build linux

// Command kpm-cluster runs a Kubernetes control plane (package cluster) for tests,
// in an empty network namespace (package netns) and nowhere else.
//
//	kpm-cluster [--users LIST]
//
// starts a cluster in the namespace it is in, prints one line of JSON (type
// cluster.Cluster) when the cluster is ready, and runs until SIGTERM or SIGINT,
// until its parent dies, or until standard input ends where that is a pipe.
//
//	kpm-cluster run [--users LIST] [--kubelet FILE --images FILE] -- COMMAND [ARGUMENT...]
//
// makes a namespace, starts a cluster in it, runs the command beside it, stops the
// cluster and exits with the command's code, with 128 + N after signal N, or with
// 125 when the fault was not the command's. The command finds the cluster by
// KPM_E2E_KUBECONFIG alone: KUBECONFIG is not set, and HOME and TMPDIR are new
// folders that go away with the cluster.
//
//	kpm-cluster judge
//
// starts nothing: it reads groups of objects, each a JSON list, and prints in a line
// each what an API server would refuse them for (package oracle).
//
// With a kubelet and images (see build) the cluster has one real node instead of
// those that KWOK pretends to run. This needs root, containerd and runc. All of it
// runs on a machine of its own (package machine), which leaves nothing behind;
// KPM_E2E_CONTAINERD is the socket of its containerd.
//
// LIST names users as NAME or NAME=CLUSTERROLE, by default "dev,viewer=view". The
// kubeconfig of each is NAME.kubeconfig beside the administrator's.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"

	"github.com/kpm-sh/kpm/internal/e2e/oracle"
)

// faultCode is the exit code for our own faults.
const faultCode = 125

func main() {
	code, err := dispatch(os.Args[1:])
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintf(os.Stderr, "kpm-cluster: %v\n", err)
		code = faultCode
	}
	os.Exit(code)
}

func dispatch(args []string) (int, error) {
	word := ""
	if len(args) > 0 {
		word = args[0]
	}
	switch {
	case word == "judge" && len(args) == 1:
		return 0, oracle.Judge(os.Stdin, os.Stdout)
	case word == "run":
		return runCommand(args[1:])
	case word == inside:
		o, command, err := parse(args[1:])
		if err != nil {
			return 0, err
		}
		return runInside(o, command)
	}
	return 0, upAlone(args)
}

// runCommand runs a command beside a cluster.
func runCommand(args []string) (int, error) {
	o, command, err := parse(args)
	if err == nil && len(command) == 0 {
		err = errors.New("run: no command given")
	}
	if err != nil {
		return 0, err
	}
	return runOutside(o, command)
}

// upAlone runs a cluster until it is stopped.
func upAlone(args []string) error {
	o, rest, err := parse(args)
	switch {
	case err != nil:
		return err
	case len(rest) > 0:
		return fmt.Errorf("unexpected argument %q (see kpm-cluster run -- COMMAND)", rest[0])
	case o.node():
		return errors.New("--kubelet needs a machine of its own (see kpm-cluster run -- COMMAND)")
	}
	return up(o)
}
