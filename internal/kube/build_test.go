package kube_test

import (
	"bytes"
	"testing"

	"github.com/kpm-sh/kpm/internal/kube"
)

const ponyMeta = `name: pony
version: 1.0.0+corn.1
description: A pony
home: https://example.com
details: It is a pony.
maintainers: [Ann Author <ann@example.com>]
`

// pony is a Kube with a file of each sort. Tests break one thing of it.
func pony(t testing.TB) *kube.Kube {
	t.Helper()
	m, ps := kube.ParseMeta([]byte(ponyMeta))
	if len(ps) > 0 {
		t.Fatal(ps)
	}
	return &kube.Kube{Meta: m, Files: []kube.File{
		{Path: "K3.yaml", Data: []byte(ponyMeta)},
		{Path: "LICENSE", Data: []byte{}},
		{Path: "README.md", Data: []byte("# Pony\n")},
		{Path: "manifests/a.yaml", Data: []byte("kind: ConfigMap\n")},
		{Path: "manifests/a.yaml.tmpl", Data: []byte("kind: {{ kind }}\n")},
		{Path: "manifests/b.json", Data: []byte("{}\n")},
		{Path: "manifests/c.json.tmpl", Data: []byte("{}\n")},
		{Path: "scripts/pre-install.py", Data: []byte("print()\n"), Exec: true},
	}}
}

func pack(t testing.TB, k *kube.Kube) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := k.Pack(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
