package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// forms are a package of the corpus as a Kube and as a chart. Without its APIServices, which
// nothing would serve on nodes that pretend: kpm would wait for them.
func (a *arena) forms(name string) (kube, chart string, err error) {
	kube, chart = filepath.Join(a.Dir, "corpus", name), filepath.Join(a.Dir, "charts", name)
	if err := os.CopyFS(kube, os.DirFS(filepath.Join(a.Corpus, name))); err != nil && !errors.Is(err, fs.ErrExist) {
		return "", "", err
	}
	manifests := filepath.Join(kube, "manifests")
	services, err := filepath.Glob(filepath.Join(manifests, "*-apiService.yaml"))
	if err != nil {
		return "", "", err
	}
	for _, path := range services {
		if err := os.Remove(path); err != nil {
			return "", "", err
		}
	}
	return kube, chart, writeChart(chart, name, manifests)
}

// writeChart writes manifests as the templates of a chart. What has braces of its
// own in there is no action of Helm's.
func writeChart(dir, name, manifests string) error {
	files, err := filepath.Glob(filepath.Join(manifests, "*.yaml"))
	if err != nil {
		return err
	}
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			return err
		}
		text := strings.ReplaceAll(string(data), "{{", "{{`{{`}}")
		if err := writeFile(filepath.Join(dir, "templates", filepath.Base(f)), []byte(text)); err != nil {
			return err
		}
	}
	return writeFile(filepath.Join(dir, "Chart.yaml"), fmt.Appendf(nil, "apiVersion: v2\nname: %s\nversion: 1.0.0\n", name))
}

// writeKube writes a Kube of manifests, by file name.
func writeKube(dir string, manifests map[string]string) error {
	meta := fmt.Appendf(nil, "name: %s\nversion: 1.0.0\ndescription: something to measure\nhome: https://example.org\n", filepath.Base(dir))
	if err := writeFile(filepath.Join(dir, "K3.yaml"), meta); err != nil {
		return err
	}
	for name, text := range manifests {
		if err := writeFile(filepath.Join(dir, "manifests", name), []byte(text)); err != nil {
			return err
		}
	}
	return nil
}

// writeHundred writes a Kube of 100 objects, of which 10 show edition.
func writeHundred(dir, edition string) error {
	manifests := map[string]string{}
	for i := range 100 {
		shown := "1"
		if i%10 == 0 {
			shown = edition
		}
		name, form := fmt.Sprintf("object-%02d", i), [...]string{configMap, service, deployment}[i%3]
		manifests[name+".yaml"] = strings.NewReplacer("NAME", name, "EDITION", shown).Replace(form)
	}
	return writeKube(dir, manifests)
}

const (
	configMap = `apiVersion: v1
kind: ConfigMap
metadata:
  name: NAME
data:
  edition: "EDITION"
  settings: |
    listen = 8080
    log = info
`
	service = `apiVersion: v1
kind: Service
metadata:
  name: NAME
  annotations:
    edition: "EDITION"
spec:
  selector:
    app: NAME
  ports:
  - name: http
    port: 80
    targetPort: http
`
	deployment = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: NAME
spec:
  replicas: 1
  selector:
    matchLabels:
      app: NAME
  template:
    metadata:
      labels:
        app: NAME
    spec:
      containers:
      - name: web
        image: registry.example.org/web:EDITION
        env:
        - name: LEVEL
          value: info
        ports:
        - name: http
          containerPort: 8080
        readinessProbe:
          httpGet:
            path: /
            port: http
`
)
