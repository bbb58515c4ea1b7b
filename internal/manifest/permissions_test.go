package manifest

import (
	"slices"
	"testing"
)

func TestPermissions(t *testing.T) {
	for text, want := range map[string][]string{
		"apiVersion: v1\nkind: Service\nmetadata: {name: a}\n":     nil,
		"apiVersion: v1\nkind: Namespace\nmetadata: {name: web}\n": {"makes Namespace web, which the whole cluster shares"},
		"apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {name: a}\nrules: [{apiGroups: ['', apps], resources: [pods], verbs: [get, list]}]\n": {
			"may get, list pods, pods.apps in its namespace"},
		"apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata: {name: a}\nroleRef: {kind: ClusterRole, name: cluster-admin}\n": {
			"gets the cluster's role cluster-admin in every namespace", "makes ClusterRoleBinding a, which the whole cluster shares"},
		"apiVersion: apps/v1\nkind: DaemonSet\nmetadata: {name: a}\nspec: {template: {spec: {hostNetwork: true, volumes: [{name: d, hostPath: {path: /dev}}], containers: [{securityContext: {privileged: true, capabilities: {add: [NET_ADMIN]}}}]}}}\n": {
			"has the capability NET_ADMIN", "mounts /dev of its node", "runs privileged, as the administrator of its node", "uses the network of its node"},
		"apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {volumes: 3, containers: [1, {securityContext: []}]}\n": nil,
	} {
		objects, ps := Decode("manifests/a.yaml", []byte(text))
		if ps.Err() != nil || len(objects) != 1 {
			t.Fatalf("%s: %d objects, %v", text, len(objects), ps)
		}
		if got := Permissions(objects[0]); !slices.Equal(got, want) {
			t.Errorf("%s:\n got %q\nwant %q", text, got, want)
		}
	}
}
