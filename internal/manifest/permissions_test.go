package manifest

import (
	"slices"
	"testing"
)

// Of these a first install asks its user.
func TestPowers(t *testing.T) {
	role := func(kind, rule string) string {
		return "apiVersion: rbac.authorization.k8s.io/v1\nkind: " + kind + "\nmetadata: {name: a}\nrules: [{" + rule + "}]\n"
	}
	pod := func(spec string) string {
		return "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {" + spec + "}\n"
	}
	hook := func(selector string) string {
		return "apiVersion: admissionregistration.k8s.io/v1\nkind: MutatingWebhookConfiguration\nmetadata: {name: a}\nwebhooks: [{name: a" + selector + "}]\n"
	}
	for text, want := range map[string][]string{
		role("ClusterRole", "apiGroups: ['*'], resources: ['*'], verbs: ['*']"):                                                                        {"may * *.* in every namespace"},
		role("ClusterRole", "apiGroups: ['', apps], resources: [pods, secrets], verbs: [get]"):                                                         {"may get pods, secrets, pods.apps, secrets.apps in every namespace"},
		role("ClusterRole", "apiGroups: [''], resources: ['*'], verbs: [list]"):                                                                        {"may list * in every namespace"},
		role("ClusterRole", "apiGroups: [rbac.authorization.k8s.io], resources: [roles], verbs: [escalate]"):                                           {"may escalate roles.rbac.authorization.k8s.io in every namespace"},
		role("ClusterRole", "apiGroups: [apps], resources: ['*'], verbs: ['*']"):                                                                       nil,
		role("ClusterRole", "apiGroups: ['', apps], resources: [pods], verbs: [get]"):                                                                  nil,
		role("ClusterRole", "nonResourceURLs: [/metrics], verbs: [get]"):                                                                               nil,
		role("Role", "apiGroups: ['*'], resources: ['*'], verbs: ['*']"):                                                                               nil,
		"apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata: {name: a}\nroleRef: {kind: ClusterRole, name: cluster-admin}\n": {"gets the cluster's role cluster-admin in every namespace"},
		"apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata: {name: a}\nroleRef: {kind: ClusterRole, name: view}\n":          nil,
		"apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {name: a}\nroleRef: {kind: ClusterRole, name: admin}\n":                nil,
		pod("hostPID: true"):                                                                             {"sees the processes of its node"},
		pod("volumes: [{name: d, hostPath: {path: /}}]"):                                                 {"mounts / of its node"},
		pod("initContainers: [{securityContext: {privileged: true}}]"):                                   {"runs privileged, as the administrator of its node"},
		pod("containers: [{securityContext: {capabilities: {add: [NET_BIND_SERVICE, CAP_SYS_ADMIN]}}}]"): {"has the capability CAP_SYS_ADMIN"},
		hook(""): {"decides over requests in other namespaces"},
		hook(", namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: other}}"): {"decides over requests in other namespaces"},
		hook(", namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: web}}"):   nil,
	} {
		objects, ps := Decode("manifests/a.yaml", []byte(text))
		if ps.Err() != nil || len(objects) != 1 {
			t.Fatalf("%s: %d objects, %v", text, len(objects), ps)
		}
		if got := Powers(objects[0], "web"); !slices.Equal(got, want) {
			t.Errorf("%s:\n got %q\nwant %q", text, got, want)
		}
	}
}

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
