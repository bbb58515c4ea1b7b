//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"syscall"
	"time"

	"github.com/kpm-sh/kpm/internal/e2e/cluster"
	"github.com/kpm-sh/kpm/internal/e2e/machine"
	"github.com/kpm-sh/kpm/internal/e2e/netns"
)

// inside is the mode in which runOutside starts this binary again.
const inside = "run-inside"

// grace is how long a command may take to end after a signal.
const grace = 10 * time.Second

// runOutside makes the namespaces and the folders, and runs the rest inside.
func runOutside(o options, command []string) (code int, err error) {
	dir, err := os.MkdirTemp("", "kpm-e2e-")
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	home := filepath.Join(dir, "home")
	if err := os.Mkdir(home, 0o700); err != nil {
		return 0, err
	}
	attributes := netns.Attributes
	if o.node() {
		attributes = machine.Attributes
		sweep, sweepErr := machine.Sweeper(filepath.Base(dir))
		if sweepErr != nil {
			return 0, sweepErr
		}
		defer func() { err = errors.Join(err, sweep()) }()
	}
	attr, err := attributes()
	if err != nil {
		return 0, err
	}
	args := append([]string{inside}, o.args()...)
	cmd := exec.Command("/proc/self/exe", append(append(args, "--"), command...)...)
	cmd.Env, err = environment(os.Environ(), home, dir)
	if err != nil {
		return 0, err
	}
	cmd.Stderr = os.Stderr
	cmd.SysProcAttr = attr
	code, err = run(cmd, nil)
	if errors.Is(err, os.ErrPermission) {
		return 0, fmt.Errorf("making a network namespace (AppArmor may forbid it: sysctl kernel.apparmor_restrict_unprivileged_userns): %w", err)
	}
	return code, err
}

// runInside runs a cluster, and the command beside it.
func runInside(o options, command []string) (code int, err error) {
	if o.node() {
		if err := machine.Furnish(); err != nil {
			return 0, err
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	signalled, stop := signal.NotifyContext(ctx, syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	starting := context.AfterFunc(signalled, cancel)
	err = withCluster(ctx, o, func(c *cluster.Cluster, stderr *os.File) error {
		starting() // from here on, a signal is the command's, and the cluster outlives it
		if err := netns.DropCapabilities(); err != nil {
			return err
		}
		cmd := exec.Command(command[0], command[1:]...)
		cmd.Env = append(os.Environ(), "KPM_E2E_KUBECONFIG="+c.Kubeconfig)
		if c.Containerd != "" {
			cmd.Env = append(cmd.Env, "KPM_E2E_CONTAINERD="+c.Containerd)
		}
		cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
		cmd.Stderr = stderr
		code, err = run(cmd, c.Done())
		return err
	})
	return code, err
}

// run runs cmd with our standard input and output, passes signals on to it and returns its exit
// code. When done is closed, the command gets SIGTERM, and grace later SIGKILL.
func run(cmd *exec.Cmd, done <-chan struct{}) (int, error) {
	runtime.LockOSThread() // for Pdeathsig
	defer runtime.UnlockOSThread()
	cmd.Stdin, cmd.Stdout = os.Stdin, os.Stdout
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP, syscall.SIGQUIT)
	defer signal.Stop(signals)
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	var kill <-chan time.Time
	for {
		select {
		case err := <-ended:
			return exitCode(err)
		case s := <-signals:
			_ = cmd.Process.Signal(s) // it may have just ended
		case <-done:
			done = nil
			_ = cmd.Process.Signal(syscall.SIGTERM)
			kill = time.After(grace)
		case <-kill:
			_ = cmd.Process.Kill()
		}
	}
}

func exitCode(err error) (int, error) {
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		return 0, err
	}
	if status, ok := exit.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return 128 + int(status.Signal()), nil
	}
	return exit.ExitCode(), nil
}
