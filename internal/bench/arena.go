package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// arena is where contenders meet: a control plane, and what they are told.
type arena struct {
	setup
	section
	kubeconfig string
}

// inside measures beside a control plane and prints the rows as JSON.
func inside(ctx context.Context, told string) error {
	a := &arena{kubeconfig: os.Getenv("KPM_E2E_KUBECONFIG")}
	if a.kubeconfig == "" {
		return errors.New("KPM_E2E_KUBECONFIG is not set")
	}
	if err := json.Unmarshal([]byte(told), &a.setup); err != nil {
		return err
	}
	for _, measure := range []func(context.Context) error{a.upgrades, a.diffs, a.installs, a.lists} {
		if err := measure(ctx); err != nil {
			return err
		}
	}
	return json.NewEncoder(os.Stdout).Encode(a.rows)
}

// compare adds a row for two contenders, ours first.
func (a *arena) compare(ctx context.Context, what, goal string, ours, peer command) error {
	u, err := race(ctx, a.Runs, ours, peer)
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	a.add(row{
		what, both(u[0]), both(u[1]),
		fmt.Sprintf("%s, CPU %s", ratio(u[0].wall, u[1].wall), ratio(u[0].cpu, u[1].cpu)), goal,
	})
	return nil
}

func both(u usage) string { return fmt.Sprintf("%s, CPU %s", seconds(u.wall), seconds(u.cpu)) }

// env is the environment of all contenders: the kubeconfig with a context of the
// namespace.
func (a *arena) env(ctx context.Context, namespace string) ([]string, error) {
	path := filepath.Join(a.Dir, namespace+".kubeconfig")
	data, err := os.ReadFile(a.kubeconfig)
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		return nil, err
	}
	env := []string{"KUBECONFIG=" + path, "KPM_HOME=" + filepath.Join(a.Dir, "home")}
	return env, run(ctx, "", env, a.Kubectl, "config", "set-context", "--current", "--namespace="+namespace)
}

// do runs commands that are not measured, until one fails.
func (a *arena) do(ctx context.Context, env []string, commands ...[]string) error {
	for _, c := range commands {
		if err := run(ctx, "", env, c[0], c[1:]...); err != nil {
			return err
		}
	}
	return nil
}

// make makes a namespace, unless it is there, in which pods can be made.
func (a *arena) make(ctx context.Context, env []string, namespace string) error {
	path := filepath.Join(a.Dir, namespace+".yaml")
	if err := writeFile(path, fmt.Appendf(nil, "{apiVersion: v1, kind: Namespace, metadata: {name: %s}}\n", namespace)); err != nil {
		return err
	}
	return a.do(ctx, env,
		[]string{a.Kubectl, "apply", "--server-side", "-f", path},
		[]string{a.Kubectl, "wait", "--for=create", "serviceaccount/default", "-n", namespace, "--timeout=60s"})
}

// clear deletes the objects of manifests, wherever they are, what has come of them,
// and what kpm and Helm remember. The namespace stays: making it anew would take
// longer than what is measured.
func (a *arena) clear(ctx context.Context, env []string, manifests string) error {
	return a.do(ctx, env,
		[]string{a.Kubectl, "delete", "-f", manifests, "--ignore-not-found"},
		[]string{a.Kubectl, "delete", "secrets", "--field-selector=type=kpm.sh/installation"},
		[]string{a.Kubectl, "delete", "secrets", "--field-selector=type=helm.sh/release.v1"},
		[]string{a.Kubectl, "delete", "replicasets,pods", "--all", "--grace-period=0", "--force"})
}
