package lint_test

import (
	"strings"
	"testing"

	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/lint"
)

// What only some of the servers know that a Kube is for is a warning; K3.yaml may say
// which it is for.
func TestFieldsOfSomeServers(t *testing.T) {
	for field, want := range map[string]string{
		"hostnameOverride: a":                               "manifests/a.yaml:5: warning: Pod a: spec.hostnameOverride is a field of Kubernetes 1.34 and newer: say so in K3.yaml, kubernetes: \">=1.34\" [some-servers]",
		"tolerations: [{key: a, operator: Gt, value: '1'}]": "manifests/a.yaml:5: warning: Pod a: spec.tolerations[0].operator is \"Gt\", a word of Kubernetes 1.35 and newer: say so in K3.yaml, kubernetes: \">=1.35\" [some-servers]",

		"hostname: a": "",
	} {
		const pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  FIELD\n  containers: [{name: a, image: \"a:1\", resources: {requests: {cpu: 10m}}, readinessProbe: {tcpSocket: {port: 80}}}]\n"
		k := pony(t, map[string]string{"a.yaml": strings.Replace(pod, "FIELD", field, 1)})
		if _, ps := lint.Kube(t.Context(), k); ps.Error() != want {
			t.Errorf("%s: got %s\nwant %s", field, ps.Error(), want)
		}
		newer, err := kube.ParseRange(">=1.37")
		if err != nil {
			t.Fatal(err)
		}
		k.Kubernetes = newer
		if _, ps := lint.Kube(t.Context(), k); len(ps) > 0 {
			t.Errorf("%s, for newer servers: got %v", field, ps)
		}
	}
}
