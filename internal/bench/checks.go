package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Sizes of the checks.
const (
	checkedManifests = 1000
	manifestsOfKube  = 10
	changedKubes     = 5
	testedKubes      = 20
	kubeconform      = "v0.8.0"
)

// checks measures what a packages repository's CI does.
func (b *bench) checks(ctx context.Context) error {
	b.begin(checksTitle, "Times are CPU, those of tests wall. The peer is kubeconform "+kubeconform+" with the schemas of the same Kubernetes on the disk.")
	if err := b.checkManifests(ctx); err != nil {
		return err
	}
	if err := b.checkChanged(ctx); err != nil {
		return err
	}
	if err := b.lintOne(ctx); err != nil {
		return err
	}
	return b.testMany(ctx)
}

// manifest is a Deployment that nothing is wrong with.
func manifest(name string) string {
	return strings.ReplaceAll(`apiVersion: apps/v1
kind: Deployment
metadata: {name: NAME, labels: {app: NAME}}
spec:
  replicas: 2
  selector: {matchLabels: {app: NAME}}
  template:
    metadata: {labels: {app: NAME}}
    spec:
      containers:
      - name: web
        image: registry.example/web:1.0.0
        env: [{name: A, value: b}, {name: B, valueFrom: {fieldRef: {fieldPath: metadata.name}}}]
        ports: [{name: http, containerPort: 8080}]
        resources: {requests: {cpu: 10m, memory: 16Mi}, limits: {memory: 64Mi}}
        readinessProbe: {httpGet: {path: /, port: http}}
        volumeMounts: [{name: data, mountPath: /data}]
      volumes: [{name: data, emptyDir: {}}]
`, "NAME", name)
}

func writeManifests(dir string, kubes, each int) error {
	for i := range kubes {
		name := fmt.Sprintf("kube-%d", i)
		if err := writeFile(filepath.Join(dir, name, "K3.yaml"), fmt.Appendf(nil, "name: %s\nversion: 1.0.0\ndescription: A Kube\n", name)); err != nil {
			return err
		}
		for j := range each {
			if err := writeFile(filepath.Join(dir, name, "manifests", fmt.Sprintf("%d.yaml", j)), []byte(manifest(fmt.Sprintf("%s-%d", name, j)))); err != nil {
				return err
			}
		}
	}
	return nil
}

func (b *bench) checkManifests(ctx context.Context) error {
	dir := filepath.Join(b.dir, "checked")
	if err := writeManifests(dir, checkedManifests/manifestsOfKube, manifestsOfKube); err != nil {
		return err
	}
	program, err := b.kubeconform(ctx)
	if err != nil {
		return err
	}
	schemas, err := b.schemas(ctx)
	if err != nil {
		return err
	}
	files, err := filepath.Glob(filepath.Join(dir, "*", "manifests", "*.yaml"))
	if err != nil {
		return err
	}
	theirs := append([]string{program, "-strict", "-schema-location", schemas + "/{{.ResourceKind}}{{.KindSuffix}}.json"}, files...)
	all, err := race(ctx, min(b.runs, 5), command{args: []string{b.indexerB, "check", "--packages", dir}}, command{args: theirs})
	if err != nil {
		return err
	}
	b.add(row{fmt.Sprintf("`kpm-indexer check` / kubeconform, %d manifests", checkedManifests), ms0(all[0].cpu), ms0(all[1].cpu), ratio(all[0].cpu, all[1].cpu), "≤ 0.1"})
	return nil
}

func ms0(d time.Duration) string { return fmt.Sprintf("%.0f ms", ms(d)) }

func (b *bench) kubeconform(ctx context.Context) (string, error) {
	dir, err := peers()
	if err != nil {
		return "", err
	}
	program := filepath.Join(dir, "kubeconform-"+kubeconform)
	return program, missing(program, func() error {
		if err := run(ctx, "", []string{"GOBIN=" + dir}, "go", "install", "github.com/yannh/kubeconform/cmd/kubeconform@"+kubeconform); err != nil {
			return err
		}
		return os.Rename(filepath.Join(dir, "kubeconform"), program)
	})
}

// schemas writes what kubeconform reads for a Deployment: Kubernetes' own definitions, of
// which none has a field that it does not name.
func (b *bench) schemas(ctx context.Context) (string, error) {
	cmd := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}", "k8s.io/kubernetes")
	cmd.Dir = e2eModule
	module, err := cmd.Output()
	if err != nil {
		return "", err
	}
	data, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(module)), "api", "openapi-spec", "swagger.json"))
	if err != nil {
		return "", err
	}
	var spec struct {
		Definitions map[string]map[string]any `json:"definitions"`
	}
	if err := json.Unmarshal(data, &spec); err != nil {
		return "", err
	}
	for _, d := range spec.Definitions {
		if _, ok := d["properties"]; ok {
			d["additionalProperties"] = false
		}
	}
	spec.Definitions["io.k8s.apimachinery.pkg.util.intstr.IntOrString"] = map[string]any{"oneOf": []any{map[string]any{"type": "string"}, map[string]any{"type": "integer"}}}
	spec.Definitions["io.k8s.apimachinery.pkg.api.resource.Quantity"] = map[string]any{"oneOf": []any{map[string]any{"type": "string"}, map[string]any{"type": "number"}}}
	text, err := json.Marshal(map[string]any{"definitions": spec.Definitions, "$ref": "#/definitions/io.k8s.api.apps.v1.Deployment"})
	if err != nil {
		return "", err
	}
	dir := filepath.Join(b.dir, "schemas")
	return dir, writeFile(filepath.Join(dir, "deployment-apps-v1.json"), text)
}

// checkChanged checks what changed of many Kubes.
func (b *bench) checkChanged(ctx context.Context) error {
	repo := filepath.Join(b.dir, "changed")
	dir := filepath.Join(repo, "packages")
	if err := writeManifests(dir, kubes, 1); err != nil {
		return err
	}
	git := []string{"git", "-C", repo, "-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"}
	for _, args := range [][]string{{"init", "-q"}, {"add", "."}, {"commit", "-qm", "all"}} {
		if err := run(ctx, "", nil, git[0], append(slices.Clone(git[1:]), args...)...); err != nil {
			return err
		}
	}
	for i := range changedKubes {
		if err := writeFile(filepath.Join(dir, fmt.Sprintf("kube-%d", i*7), "manifests", "0.yaml"), []byte(manifest("changed"))); err != nil {
			return err
		}
	}
	u, err := measure(ctx, b.runs, command{args: []string{b.indexerB, "check", "--packages", dir, "--changed-since", "HEAD"}})
	if err != nil {
		return err
	}
	b.add(row{fmt.Sprintf("`kpm-indexer check --changed-since`, %d of %d Kubes", changedKubes, kubes), ms0(u.cpu), "", "", "≤ 0.3 s"})
	return nil
}

// lintOne judges one Kube.
func (b *bench) lintOne(ctx context.Context) error {
	dir := filepath.Join(b.dir, "one")
	if err := writeManifests(dir, 1, 3); err != nil {
		return err
	}
	all, err := race(ctx, b.runs, command{args: []string{b.kpm, "lint", filepath.Join(dir, "kube-0")}}, command{args: []string{b.kpm, "--help"}})
	if err != nil {
		return err
	}
	b.add(row{"`kpm lint` of one Kube − `kpm --help`", ms0(all[0].cpu - all[1].cpu), "", "", "≤ 30 ms"})
	return nil
}

// testMany tests Kubes side by side on the control plane, and the slowest of them alone.
func (b *bench) testMany(ctx context.Context) error {
	cmd := exec.CommandContext(ctx, "go", "run", "./build")
	cmd.Dir = e2eModule
	cluster, err := cmd.Output()
	if err != nil {
		return err
	}
	dir := filepath.Join(b.dir, "tested")
	if err := writeManifests(dir, testedKubes, 3); err != nil {
		return err
	}
	test := func(names ...string) (time.Duration, error) {
		u, err := once(ctx, command{args: append([]string{b.indexerB, "test", "--packages", dir, "--kpm", b.kpm, "--cluster", strings.TrimSpace(string(cluster))}, names...)})
		return u.wall, err
	}
	all, err := test()
	if err != nil {
		return err
	}
	alone, err := test("kube-0")
	if err != nil {
		return err
	}
	b.add(row{fmt.Sprintf("`kpm-indexer test`, %d Kubes and the control plane that they start / one of them alone", testedKubes), seconds(all), seconds(alone), ratio(all, alone), "no higher"})
	return nil
}
