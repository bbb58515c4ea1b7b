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
//	kpm-cluster run [--users LIST] -- COMMAND [ARGUMENT...]
//
// makes a namespace, starts a cluster in it, runs the command beside it, stops the
// cluster and exits with the command's code, with 128 + N after signal N, or with
// 125 when the fault was not the command's. The command finds the cluster by
// KPM_E2E_KUBECONFIG alone: KUBECONFIG is not set, and HOME and TMPDIR are new
// folders that go away with the cluster.
//
// LIST names users as NAME or NAME=CLUSTERROLE, by default "dev,viewer=view". The
// kubeconfig of each is NAME.kubeconfig beside the administrator's.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"

	"github.com/kpm-sh/kpm/internal/e2e/cluster"
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
	if len(args) > 0 && args[0] == "run" {
		users, command, err := parse(args[1:])
		if err == nil && len(command) == 0 {
			err = errors.New("run: no command given")
		}
		if err != nil {
			return 0, err
		}
		return runOutside(users, command)
	}
	if len(args) > 0 && args[0] == inside {
		users, command, err := parse(args[1:])
		if err != nil {
			return 0, err
		}
		return runInside(users, command)
	}
	users, rest, err := parse(args)
	if err == nil && len(rest) > 0 {
		err = fmt.Errorf("unexpected argument %q (see kpm-cluster run -- COMMAND)", rest[0])
	}
	if err != nil {
		return 0, err
	}
	return 0, up(users)
}

// parse reads the flags, which all modes share, and returns what follows them.
func parse(args []string) (userList, []string, error) {
	flags := flag.NewFlagSet("kpm-cluster [run]", flag.ContinueOnError)
	users := userList{text: "dev,viewer=view"}
	flags.StringVar(&users.text, "users", users.text, "users besides the administrator, as NAME or NAME=CLUSTERROLE")
	if err := flags.Parse(args); err != nil {
		return users, nil, err
	}
	var err error
	users.users, err = cluster.ParseUsers(users.text)
	return users, flags.Args(), err
}

// userList is the --users flag as it was given and as it was understood.
type userList struct {
	text  string
	users []cluster.User
}
