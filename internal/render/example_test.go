package render_test

import (
	"context"
	"fmt"

	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/render"
)

func ExampleRender() {
	k := &kube.Kube{Files: []kube.File{
		{Path: "manifests/hello.yaml.tmpl", Data: []byte("replicas: {{ replicas }}\nhost: {{ host | to_json }}\n")},
		{Path: "values.yaml", Data: []byte("replicas: 1\nhost: example.com\n")},
	}}
	defaults, err := render.Defaults(k)
	if err != nil {
		fmt.Println(err)
		return
	}
	flag, err := render.ParseSet("replicas=3")
	if err != nil {
		fmt.Println(err)
		return
	}
	files, err := render.Render(context.Background(), k, render.Merge(defaults, flag), render.Options{Overridden: true})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, f := range files {
		fmt.Printf("%s\n%s\n", f.Path, f.Data)
	}
	// Output:
	// manifests/hello.yaml
	// replicas: 3
	// host: "example.com"
}

func ExampleSource() {
	_, err := render.Source(context.Background(), "hello.yaml.tmpl", "replicas: {{ replcas }}", render.Values{"replicas": 1}, render.Options{})
	fmt.Println(err)
	// Output:
	// hello.yaml.tmpl:1: "replcas" is not defined; the nearest is "replicas"
}

func ExampleValidate() {
	k := &kube.Kube{Files: []kube.File{
		{Path: "values.schema.json", Data: []byte(`{"properties": {"replicas": {"type": "integer"}}}`)},
	}}
	layer, err := render.ParseValues("mine.yaml", []byte("# for the weekend\nreplicas: many\n"))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(render.Validate(k, layer))
	// Output:
	// mine.yaml:2: replicas: got string, want integer
}
