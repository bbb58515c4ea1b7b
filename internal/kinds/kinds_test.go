package kinds_test

import (
	"testing"

	"github.com/kpm-sh/kpm/internal/kinds"
)

// TestRemoved: what has gone, what goes, and what stays, with what is written instead.
func TestRemoved(t *testing.T) {
	for object, want := range map[[2]string]string{
		{"extensions/v1beta1", "Deployment"}:                   "Kubernetes 1.16 removed it: write apps/v1",
		{"extensions/v1beta1", "Ingress"}:                      "Kubernetes 1.22 removed it: write networking.k8s.io/v1",
		{"policy/v1beta1", "PodSecurityPolicy"}:                "Kubernetes 1.25 removed it, and nothing took its place",
		{"flowcontrol.apiserver.k8s.io/v1beta1", "FlowSchema"}: "Kubernetes 1.26 removed it: write flowcontrol.apiserver.k8s.io/v1",
		{"authentication.k8s.io/v1beta1", "SelfSubjectReview"}: "Kubernetes 1.33 removed it: write authentication.k8s.io/v1",
		{"networking.k8s.io/v1beta1", "ServiceCIDR"}:           "Kubernetes 1.37 removed it: write networking.k8s.io/v1",
		{"storage.k8s.io/v1beta1", "VolumeAttributesClass"}:    "Kubernetes 1.37 removed it: write storage.k8s.io/v1",
		{"certificates.k8s.io/v1beta1", "ClusterTrustBundle"}:  "Kubernetes 1.40 removes it: write certificates.k8s.io/v1",
		{"apps/v1", "Deployment"}:                              "",
	} {
		got := ""
		if r, ok := kinds.Removed(object[0], object[1]); ok {
			got = r.String()
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", object, got, want)
		}
	}
}

// TestEveryTypeIsThere: each kind has a type, each type that a field names is there, and
// so is each word of an enumeration.
func TestEveryTypeIsThere(t *testing.T) {
	seen := map[string]bool{}
	var value func(at string, v kinds.Value)
	walk := func(name string) {
		if seen[name] {
			return
		}
		seen[name] = true
		typ, ok := kinds.TypeOf(name)
		if !ok || len(typ.Fields) == 0 && name != "meta.v1.FieldsV1" && name != "core.v1.NodeDaemonEndpoints" {
			t.Logf("%s has no fields", name)
			if !ok {
				t.Errorf("there is no type %s", name)
			}
			return
		}
		for _, f := range typ.Fields {
			value(name+"."+f.Name, f.Value)
		}
	}
	value = func(at string, v kinds.Value) {
		switch v.Sort {
		case kinds.Object:
			walk(v.Type)
		case kinds.Mapping, kinds.List, kinds.Set:
			value(at, *v.Of)
		case kinds.Enum:
			if len(v.Enum) == 0 {
				t.Errorf("%s has no words", at)
			}
		}
	}
	for _, object := range [][2]string{{"v1", "Pod"}, {"apps/v1", "Deployment"}, {"batch/v1", "CronJob"}, {"apiextensions.k8s.io/v1", "CustomResourceDefinition"}} {
		k, ok := kinds.Of(object[0], object[1])
		if !ok {
			t.Errorf("there is no %s", object)
		}
		walk(k.Type)
	}
	if len(seen) < 150 {
		t.Errorf("only %d types were seen", len(seen))
	}
	if known := kinds.Known(); known.First > 31 || known.Last < 37 {
		t.Errorf("known are only %s", known)
	}
}

// TestCustom: Kubernetes' own groups, and those of projects beside it, below k8s.io too.
func TestCustom(t *testing.T) {
	for apiVersion, want := range map[string]bool{
		"v1": false, "apps/v1": false, "networking.k8s.io/v1": false, "rbac.authorization.k8s.io/v1": false,
		"apiextensions.k8s.io/v1": false, "apiregistration.k8s.io/v1": false, "storage.k8s.io/v1": false,
		"flowcontrol.apiserver.k8s.io/v1": false, "resource.k8s.io/v1": false, "policy/v1": false,
		"sparkoperator.k8s.io/v1beta2": true, "gateway.networking.k8s.io/v1": true, "snapshot.storage.k8s.io/v1": true,
		"autoscaling.k8s.io/v1": true, "jobset.x-k8s.io/v1alpha2": true, "example.org/v1": true, "k8s.io": false,
	} {
		if got := kinds.Custom(apiVersion); got != want {
			t.Errorf("%s: got %v, want %v", apiVersion, got, want)
		}
	}
}
