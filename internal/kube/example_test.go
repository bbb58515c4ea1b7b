package kube_test

import (
	"bytes"
	"fmt"
	"testing/fstest"

	"github.com/kpm-sh/kpm/internal/kube"
)

func ExampleUnpack() {
	k, problems := kube.ReadDir(fstest.MapFS{
		"K3.yaml":            {Data: []byte("name: web\nversion: 1.0.0\ndescription: A web server\n")},
		"manifests/web.yaml": {Data: []byte("kind: Pod\n")},
	}, "web")
	if err := problems.Err(); err != nil {
		fmt.Println(err)
		return
	}
	var archive bytes.Buffer
	if err := k.Pack(&archive); err != nil {
		fmt.Println(err)
		return
	}
	got, err := kube.Unpack(&archive, "web", "1.0.0")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(got.Folder(), got.Description, got.Provides())
	// Output: web-1.0.0 A web server [web.yaml]
}

func ExampleParseMeta() {
	_, problems := kube.ParseMeta([]byte("name: web\nversion: 1.0\ndescriptiom: A web server\n"))
	for _, p := range problems.Errors() {
		fmt.Println(p)
	}
	// Output:
	// K3.yaml: description is missing
	// K3.yaml:2: version "1.0": write three numbers, as in 1.0.0
	// K3.yaml:3: unknown key "descriptiom"; the nearest known key is "description"
}
