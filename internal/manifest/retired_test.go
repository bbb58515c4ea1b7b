package manifest_test

import (
	"testing"

	"github.com/kpm-sh/kpm/internal/manifest"
)

func TestRetiredKind(t *testing.T) {
	for object, want := range map[[2]string]string{
		{"extensions/v1beta1", "DaemonSet"}:                         "Kubernetes 1.16 removed it: write apps/v1",
		{"extensions/v1beta1", "Ingress"}:                           "Kubernetes 1.22 removed it: write networking.k8s.io/v1",
		{"policy/v1beta1", "PodDisruptionBudget"}:                   "Kubernetes 1.25 removed it: write policy/v1",
		{"policy/v1beta1", "PodSecurityPolicy"}:                     "Kubernetes 1.25 removed it, and nothing took its place",
		{"flowcontrol.apiserver.k8s.io/v1beta3", "FlowSchema"}:      "Kubernetes 1.32 removed it: write flowcontrol.apiserver.k8s.io/v1",
		{"storage.k8s.io/v1beta1", "CSIStorageCapacity"}:            "Kubernetes 1.27 removed it: write storage.k8s.io/v1",
		{"apps/v1", "DaemonSet"}:                                    "",
		{"extensions/v1beta1", "Pod"}:                               "",
		{"apps/v1beta1", "DaemonSet"}:                               "", // it never was there
		{"rbac.authorization.k8s.io/v1beta1", "ClusterRoleBinding"}: "Kubernetes 1.22 removed it: write rbac.authorization.k8s.io/v1",
	} {
		r, ok := manifest.RetiredKind(object[0], object[1])
		got := ""
		if ok {
			got = r.String()
		}
		if got != want {
			t.Errorf("%s in %s: got %q, want %q", object[1], object[0], got, want)
		}
	}
}
