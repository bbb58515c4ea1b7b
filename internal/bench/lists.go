package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"
)

// perNamespace is how many installations share a namespace.
const perNamespace = 20

// lists measures listing what is installed: the same number of installations and
// of releases, of one ConfigMap each, all made by the contenders themselves.
func (a *arena) lists(ctx context.Context) error {
	env, err := a.env(ctx, "default")
	if err != nil {
		return err
	}
	if err := a.namespaces(ctx, env); err != nil {
		return err
	}
	chart, err := a.writeSmall()
	if err != nil {
		return err
	}
	if err := a.fill(ctx, env, "kpm", func(namespace, name string) []string {
		return []string{a.Kpm, "install", filepath.Join(a.Dir, "small", name), "-n", namespace, "--no-wait"}
	}); err != nil {
		return err
	}
	if err := a.fill(ctx, env, "helm", func(namespace, name string) []string {
		return []string{a.Helm, "install", name, chart, "-n", namespace}
	}); err != nil {
		return err
	}
	most := strconv.Itoa(a.Installations * 2)
	ours, theirs := []string{a.Kpm, "list", "-A"}, []string{a.Helm, "list", "-A", "--max", most}
	if err := errors.Join(a.complete(ctx, env, ours), a.complete(ctx, env, theirs)); err != nil {
		return err
	}
	return a.compare(ctx, fmt.Sprintf("`kpm list -A` / `helm list -A`, %d installations", a.Installations), "≤ 0.3",
		command{args: ours, env: env}, command{args: theirs, env: env})
}

// namespaces makes those that hold the installations.
func (a *arena) namespaces(ctx context.Context, env []string) error {
	var all strings.Builder
	for i := 0; i < a.Installations; i += perNamespace {
		fmt.Fprintf(&all, "---\n{apiVersion: v1, kind: Namespace, metadata: {name: list-%02d}}\n", i/perNamespace)
	}
	path := filepath.Join(a.Dir, "namespaces.yaml")
	if err := writeFile(path, []byte(all.String())); err != nil {
		return err
	}
	return a.do(ctx, env, []string{a.Kubectl, "apply", "--server-side", "-f", path})
}

// writeSmall writes a Kube for each name in a namespace, and one chart for all.
func (a *arena) writeSmall() (chart string, err error) {
	for i := range perNamespace {
		name := fmt.Sprintf("kpm-%02d", i)
		text := strings.NewReplacer("NAME", name, "EDITION", "1").Replace(configMap)
		if err := writeKube(filepath.Join(a.Dir, "small", name), map[string]string{"config.yaml": text}); err != nil {
			return "", err
		}
	}
	chart = filepath.Join(a.Dir, "charts", "small")
	text := strings.NewReplacer("NAME", "{{ .Release.Name }}", "EDITION", "1").Replace(configMap)
	if err := writeFile(filepath.Join(chart, "templates", "config.yaml"), []byte(text)); err != nil {
		return "", err
	}
	return chart, writeFile(filepath.Join(chart, "Chart.yaml"), []byte("apiVersion: v2\nname: small\nversion: 1.0.0\n"))
}

// fill installs, several at once.
func (a *arena) fill(ctx context.Context, env []string, prefix string, install func(namespace, name string) []string) error {
	began := time.Now()
	group, each := errgroup.WithContext(ctx)
	group.SetLimit(2 * runtime.NumCPU())
	for i := range a.Installations {
		namespace, name := fmt.Sprintf("list-%02d", i/perNamespace), fmt.Sprintf("%s-%02d", prefix, i%perNamespace)
		group.Go(func() error { return a.do(each, env, install(namespace, name)) })
	}
	err := group.Wait()
	log.Printf("%d installations by %s took %s", a.Installations, prefix, time.Since(began).Round(time.Second))
	return err
}

// complete sees to it that a list has a line for each installation, below its
// heading.
func (a *arena) complete(ctx context.Context, env []string, list []string) error {
	c := exec.CommandContext(ctx, list[0], list[1:]...)
	c.Env = append(os.Environ(), env...)
	out, err := c.Output()
	if err != nil {
		return fmt.Errorf("%v: %w", list, err)
	}
	if n := bytes.Count(out, []byte("\n")) - 1; n < a.Installations {
		return fmt.Errorf("%v lists %d, not %d", list, n, a.Installations)
	}
	return nil
}
