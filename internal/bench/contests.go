package main

import (
	"context"
	"fmt"
	"path/filepath"
)

// installs measures the first installation of real packages.
func (a *arena) installs(ctx context.Context) error {
	env, err := a.env(ctx, "default")
	if err != nil {
		return err
	}
	crds := filepath.Join(a.Corpus, "kube-prometheus-operator", "manifests")
	err = a.do(ctx, env,
		[]string{a.Kubectl, "apply", "--server-side", "-f", crds},
		[]string{a.Kubectl, "wait", "--for=condition=Established", "crd", "--all", "--timeout=60s"})
	if err != nil {
		return err
	}
	if err := a.install(ctx, "microservices-demo", "shop"); err != nil {
		return err
	}
	return a.install(ctx, "kube-prometheus", "monitoring")
}

func (a *arena) install(ctx context.Context, name, namespace string) error {
	env, err := a.env(ctx, namespace)
	if err != nil {
		return err
	}
	kube, chart, err := a.forms(name)
	if err != nil {
		return err
	}
	manifests := filepath.Join(kube, "manifests")
	if err := a.make(ctx, env, namespace); err != nil {
		return err
	}
	fresh := func(args ...string) command {
		return command{args: args, env: env, before: func() error { return a.clear(ctx, env, manifests) }}
	}
	err = a.compare(ctx, fmt.Sprintf("`kpm install --no-wait` / `kubectl apply --server-side -f`, %s", name), "≤ 1.0, CPU ≤ 1.0",
		fresh(a.Kpm, "install", kube, "--no-wait", "--yes"), fresh(a.Kubectl, "apply", "--server-side", "-f", manifests))
	if err != nil {
		return err
	}
	err = a.compare(ctx, fmt.Sprintf("`kpm install` / `helm install --wait`, %s", name), "≤ 0.7, CPU ≤ 0.5",
		fresh(a.Kpm, "install", kube, "--yes"), fresh(a.Helm, "install", name, chart, "--wait"))
	if err != nil {
		return err
	}
	return a.clear(ctx, env, manifests)
}

// upgrades measures an upgrade that changes nothing.
func (a *arena) upgrades(ctx context.Context) error {
	const name = "microservices-demo"
	kube, chart, err := a.forms(name)
	if err != nil {
		return err
	}
	ours, err := a.stand(ctx, "upgrade-kpm", a.Kpm, "install", kube)
	if err != nil {
		return err
	}
	theirs, err := a.stand(ctx, "upgrade-helm", a.Helm, "install", name, chart, "--wait")
	if err != nil {
		return err
	}
	return a.compare(ctx, "`kpm upgrade` / `helm upgrade`, nothing changed, "+name, "≤ 0.7",
		command{args: []string{a.Kpm, "upgrade", kube}, env: ours}, command{args: []string{a.Helm, "upgrade", name, chart}, env: theirs})
}

// stand makes a namespace in which the command was run, and gives the environment
// for it.
func (a *arena) stand(ctx context.Context, namespace string, command ...string) ([]string, error) {
	env, err := a.env(ctx, namespace)
	if err != nil {
		return nil, err
	}
	if err := a.make(ctx, env, namespace); err != nil {
		return nil, err
	}
	return env, a.do(ctx, env, command)
}

// diffs measures the comparison of 100 objects, of which 10 were edited.
func (a *arena) diffs(ctx context.Context) error {
	const name = "hundred"
	before, after := filepath.Join(a.Dir, "before", name), filepath.Join(a.Dir, "after", name)
	if err := writeHundred(before, "1"); err != nil {
		return err
	}
	if err := writeHundred(after, "2"); err != nil {
		return err
	}
	ours, err := a.stand(ctx, "diff-kpm", a.Kpm, "install", before)
	if err != nil {
		return err
	}
	theirs, err := a.stand(ctx, "diff-kubectl", a.Kubectl, "apply", "--server-side", "-f", filepath.Join(before, "manifests"))
	if err != nil {
		return err
	}
	return a.compare(ctx, "`kpm diff` / `kubectl diff --server-side`, 10 of 100 objects edited", "≤ 0.6",
		command{args: []string{a.Kpm, "diff", after}, env: ours, finds: true},
		command{args: []string{a.Kubectl, "diff", "--server-side", "-f", filepath.Join(after, "manifests")}, env: theirs, finds: true})
}
