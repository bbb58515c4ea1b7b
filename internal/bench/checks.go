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

// checkPart measures what a packages repository's CI does.
type checkPart struct{ *bench }

func (b checkPart) measure(ctx context.Context) error {
	b.begin(checksTitle, "Times are CPU, those of tests wall. The peer is kubeconform "+kubeconform+" with the schemas of the same Kubernetes on the disk.")
	if err := b.manifests(ctx); err != nil {
		return err
	}
	if err := b.changed(ctx); err != nil {
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

// mixedManifests are real ones of many kinds: those of our own Kubes, and those that a
// control plane took in the tests of package admit. What kubeconform has no schema of,
// since Kubernetes' own definitions lack it, is left out.
func mixedManifests() ([]string, error) {
	root := filepath.Join(e2eModule, "..", "..")
	files, err := filepath.Glob(filepath.Join(root, "packages", "*", "manifests", "*.yaml"))
	if err != nil {
		return nil, err
	}
	var all []string
	for _, file := range append(files, filepath.Join(root, "internal", "admit", "testdata", "oracle", "taken.yaml")) {
		data, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		for _, text := range strings.Split(string(data), "\n--- # ") {
			if strings.HasPrefix(text, "# Manifests") {
				continue
			}
			if name, rest, ok := strings.Cut(text, "\n"); ok && !strings.ContainsAny(name, ": ") {
				text = rest
			}
			if !strings.Contains(text, "kind: CustomResourceDefinition") && !strings.Contains(text, "kind: APIService") {
				all = append(all, text)
			}
		}
	}
	return all, nil
}

// writeMixed writes Kubes of real manifests in turn; some are there twice in a Kube, so
// that a check finds faults.
func writeMixed(dir string, kubes, each int) error {
	texts, err := mixedManifests()
	if err != nil {
		return err
	}
	for i := range kubes {
		if err := writeManifests(dir, i+1, 0); err != nil {
			return err
		}
		for j := range each {
			at := filepath.Join(dir, fmt.Sprintf("kube-%d", i), "manifests", fmt.Sprintf("%d.yaml", j))
			if err := writeFile(at, []byte(texts[(i*each+j)%len(texts)])); err != nil {
				return err
			}
		}
	}
	return nil
}

func (b checkPart) manifests(ctx context.Context) error {
	dir := filepath.Join(b.dir, "checked")
	if err := writeMixed(dir, checkedManifests/manifestsOfKube, manifestsOfKube); err != nil {
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
	theirs := append([]string{program, "-strict", "-schema-location", filepath.Join(schemas, "{{.ResourceKind}}{{.KindSuffix}}.json")}, files...)
	all, err := race(ctx, min(b.runs, 5), command{args: []string{b.indexerB, "check", "--packages", dir}, finds: true}, command{args: theirs, finds: true})
	if err != nil {
		return err
	}
	b.add(row{fmt.Sprintf("`kpm-indexer check` / kubeconform, %d manifests", checkedManifests), ms0(all[0].cpu), ms0(all[1].cpu), ratio(all[0].cpu, all[1].cpu), "≤ 0.1"})
	return nil
}

func ms0(d time.Duration) string { return fmt.Sprintf("%.0f ms", ms(d)) }

func (b checkPart) kubeconform(ctx context.Context) (string, error) {
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

// schemas writes what kubeconform reads, as its own default location has it: a file for
// each kind, with all that it refers to written into it, and strict.
func (b checkPart) schemas(ctx context.Context) (string, error) {
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
		Definitions definitions `json:"definitions"`
	}
	if err := json.Unmarshal(data, &spec); err != nil {
		return "", err
	}
	dir := filepath.Join(b.dir, "schemas")
	for name, d := range spec.Definitions {
		for _, of := range kindsOf(d) {
			text, err := json.Marshal(spec.Definitions.whole(name, nil))
			if err != nil {
				return "", err
			}
			if err := writeFile(filepath.Join(dir, of), text); err != nil {
				return "", err
			}
		}
	}
	return dir, nil
}

// kindsOf are the files that kubeconform looks for a definition in.
func kindsOf(d map[string]any) []string {
	var files []string
	all, _ := d["x-kubernetes-group-version-kind"].([]any)
	for _, v := range all {
		of, _ := v.(map[string]any)
		kind, _ := of["kind"].(string)
		group, _ := of["group"].(string)
		version, _ := of["version"].(string)
		suffix := "-" + version
		if group != "" {
			suffix = "-" + strings.Split(group, ".")[0] + suffix
		}
		files = append(files, strings.ToLower(kind)+suffix+".json")
	}
	return files
}

// definitions are those of Kubernetes' OpenAPI, by name.
type definitions map[string]map[string]any

// whole is a definition with all that it refers to in it; above are those that it is in.
func (ds definitions) whole(name string, above []string) any {
	switch {
	case strings.HasSuffix(name, ".intstr.IntOrString"):
		return map[string]any{"oneOf": []any{map[string]any{"type": "string"}, map[string]any{"type": "integer"}}}
	case strings.HasSuffix(name, ".resource.Quantity"):
		return map[string]any{"oneOf": []any{map[string]any{"type": "string"}, map[string]any{"type": "number"}}}
	case slices.Contains(above, name):
		return map[string]any{} // the schemas of definitions are in themselves
	}
	d, _ := ds.within(ds[name], append(slices.Clip(above), name)).(map[string]any)
	if _, ok := d["properties"]; ok {
		d["additionalProperties"] = false
	}
	return d
}

func (ds definitions) within(v any, above []string) any {
	switch v := v.(type) {
	case map[string]any:
		if ref, ok := v["$ref"].(string); ok {
			return ds.whole(strings.TrimPrefix(ref, "#/definitions/"), above)
		}
		out := map[string]any{}
		for key, value := range v {
			out[key] = ds.within(value, above)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, value := range v {
			out[i] = ds.within(value, above)
		}
		return out
	}
	return v
}

// changed checks what changed of many Kubes.
func (b checkPart) changed(ctx context.Context) error {
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
func (b checkPart) lintOne(ctx context.Context) error {
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
func (b checkPart) testMany(ctx context.Context) error {
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
