package api

import "testing"

// TestReworded has messages as kube-apiserver 1.36 gives them.
func TestReworded(t *testing.T) {
	const typed = "failed to create typed patch object (n/web; networking.k8s.io/v1, Kind=Ingress): "
	for got, want := range map[string]string{
		typed + ".spec.rules[0].name: expected string, got &value.valueUnstructured{Value:false}":                ".spec.rules[0].name is false, and has to be a text: write it in quotes",
		typed + ".metadata.labels.version: expected string, got &value.valueUnstructured{Value:1.1}":             ".metadata.labels.version is 1.1, and has to be a text: write it in quotes",
		typed + ".spec.port.number: expected numeric (int or float), got string":                                 ".spec.port.number is a text, and has to be a number",
		typed + ".spec.port: expected map, got &{80}":                                                            ".spec.port is 80, and has to be a mapping",
		typed + ".data.password: expected map, got &{hunter2}":                                                   ".data.password has to be a mapping",
		typed + `.spec.ports[port=true,protocol="TCP"].port: expected numeric (int or float), got bool`:          `.spec.ports[port=true,protocol="TCP"].port has to be a number`,
		typed + `.spec.template.env: duplicate entries for key [name="A"]`:                                       `.spec.template.env: duplicate entries for key [name="A"]`,
		typed + "errors:\n  .a: expected list, got &{1}\n  .b: expected boolean, got &value.valueUnstructured{}": ".a is 1, and has to be a list; .b has to be true or false",
		typed + `.data.b: expected string, got &value.valueUnstructured{Value:[]interface {}{"hunter2"}}`:        ".data.b is a list, and has to be a text",
		typed + ".spec.containers: expected list, got &{map[image:hunter2 name:a]}":                              ".spec.containers is a mapping, and has to be a list",
		"something else: expected string, got 1":                                                                 "something else: expected string, got 1",
		"":                                                                                                       "",
	} {
		if got := reworded(got); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}
