package admit_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/kpm-sh/kpm/internal/admit"
	"github.com/kpm-sh/kpm/internal/kinds"
	"github.com/kpm-sh/kpm/internal/manifest"
)

// TestVersions judges what only some versions of the server take: for those before one and
// from it on, and for all together.
func TestVersions(t *testing.T) {
	const (
		pod       = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {"
		container = pod + "containers: [{name: c, image: x:1, "
		also      = pod + "containers: [{name: c, image: x:1}], "
		rule      = "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: as.example.org}\n" +
			"spec: {group: example.org, scope: Cluster, names: {kind: A, plural: as}, versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: " +
			"{type: object, properties: {spec: {type: object, properties: {namespace: {type: string, maxLength: 9}}, x-kubernetes-validations: [{rule: "
	)
	refused, some, taken := "refused", string(admit.Servers), ""
	tests := map[string]struct {
		text               string
		first              int // the version from which on it is judged as after says
		before, after, all string
	}{
		"env name":            {container + `env: [{name: "A:B", value: x}]}]}`, 32, refused, taken, some},
		"env prefix":          {container + `envFrom: [{prefix: 1A, configMapRef: {name: a}}]}]}`, 32, refused, taken, some},
		"no sleep":            {container + `lifecycle: {preStop: {sleep: {seconds: 0}}}}]}`, 33, refused, taken, some},
		"underscored domain":  {also + `dnsConfig: {searches: [_foo.bar]}}`, 33, refused, taken, some},
		"dot":                 {also + `dnsConfig: {searches: ["."]}}`, 33, refused, taken, some},
		"restart policy":      {container + `restartPolicy: Never}]}`, 34, refused, some, some},
		"restart policy kept": {container + `restartPolicy: Never}]}`, 35, some, taken, some},
		"image volume":        {also + `volumes: [{name: v, image: {reference: a}}]}`, 35, some, taken, some},
		"spread": {also + `topologySpreadConstraints: [{maxSkew: 1, topologyKey: z, whenUnsatisfiable: DoNotSchedule, labelSelector: {matchLabels: {a: b}}, matchLabelKeys: [a]}]}`,
			34, refused, taken, some},
		"value of a node": {also + `affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [{matchExpressions: [{key: a, operator: In, values: ["a b"]}]}]}}}}`,
			33, taken, refused, some},
		"keyword":        {rule + `"self.namespace == 'x'"}]}}}}}]}`, 32, refused, taken, some},
		"unknown word":   {also + `tolerations: [{key: a, operator: Gt, value: "1"}]}`, 37, refused, taken, some},
		"stop signal":    {container + `lifecycle: {stopSignal: TERM}}]}`, 33, refused, taken, some},
		"CAP_ is a name": {container + `securityContext: {allowPrivilegeEscalation: false, capabilities: {add: [SYS_ADMIN]}}}]}`, 36, taken, taken, taken},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			objects, problems := manifest.Decode("a.yaml", []byte(test.text))
			if problems.Err() != nil || len(objects) != 1 {
				t.Fatalf("%d objects, %v", len(objects), problems)
			}
			holdVersions(t, test.first, []string{test.before, test.after, test.all}, func(servers kinds.Minors) []admit.Fault {
				faults, _ := admit.Native(objects[0].Value, servers)
				return faults
			})
		})
	}
}

// holdVersions judges for the minor version before one, for that one, and for all together;
// want are the verdicts: "", "refused", or the sort of faults that only some servers find.
func holdVersions(t *testing.T, first int, want []string, judge func(kinds.Minors) []admit.Fault) {
	t.Helper()
	verdict := func(servers kinds.Minors) string {
		text := ""
		for _, f := range judge(servers) {
			if f.Sort != admit.Servers {
				return "refused"
			}
			text = string(admit.Servers)
		}
		return text
	}
	got := []string{verdict(kinds.Minors{First: first - 1, Last: first - 1}), verdict(kinds.Minors{First: first, Last: first}), verdict(kinds.Known())}
	if !slices.Equal(got, want) {
		t.Errorf("before 1.%d, from it on, and all together: got %q, want %q", first, got, want)
	}
}

// TestMeant says what a field is called that a type has by another name.
func TestMeant(t *testing.T) {
	const template = "selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c, image: x:1}]}}"
	for text, want := range map[string]string{
		"apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: a}\nspec: {strategy: {type: OnDelete}, " + template + "}":                                                    "write updateStrategy",
		"apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\nspec: {updateStrategy: {type: Recreate}, " + template + "}":                                               "write strategy",
		"apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: c, image: x:1, securityContext: {fsGroup: 1}}]}":                                           "securityContext of the pod",
		"apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {securityContext: {privileged: true}, containers: [{name: c, image: x:1}]}":                                     "securityContext of a container",
		"apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: c, image: x:1}], volumes: [{name: v, secret: {name: s}}]}":                                 "write secretName",
		"apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: c, image: x:1}], volumes: [{name: v, projected: {sources: [{secret: {secretName: s}}]}}]}": "write name",
	} {
		objects, problems := manifest.Decode("a.yaml", []byte(text))
		if problems.Err() != nil || len(objects) != 1 {
			t.Fatalf("%d objects, %v", len(objects), problems)
		}
		faults, _ := admit.Native(objects[0].Value, kinds.Known())
		found := ""
		for _, f := range faults {
			if f.Sort == admit.Unknown {
				found += f.Message
			}
		}
		if !strings.Contains(found, want) {
			t.Errorf("%s: got %q, want %q", text, found, want)
		}
	}
}
