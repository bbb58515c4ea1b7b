package cluster

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kpm-sh/kpm/internal/cluster/object"
	. "github.com/kpm-sh/kpm/internal/cluster/plan"
)

// TestServerDefaultsStay has kpm's labels switch off no default of the server: each
// kind that has pods is made by kpm and by somebody else, without labels of its own.
func TestServerDefaultsStay(t *testing.T) {
	const pods = "template: {metadata: {labels: {app: a}}, spec: {containers: [{name: m, image: nginx}]}}"
	const job = "template: {metadata: {labels: {app: a}}, spec: {restartPolicy: Never, containers: [{name: m, image: nginx}]}}"
	p, q := somewhere(t), somewhere(t)
	for kind, spec := range map[string]string{
		"v1 ReplicationController": "replicas: 0, " + pods,
		"batch/v1 Job":             job,
		"apps/v1 Deployment":       "selector: {matchLabels: {app: a}}, " + pods,
		"apps/v1 ReplicaSet":       "selector: {matchLabels: {app: a}}, " + pods,
		"apps/v1 StatefulSet":      "selector: {matchLabels: {app: a}}, " + pods,
		"apps/v1 DaemonSet":        "selector: {matchLabels: {app: a}}, " + pods,
		"batch/v1 CronJob":         "schedule: '* * * * *', jobTemplate: {spec: {" + job + "}}",
	} {
		version, name, _ := strings.Cut(kind, " ")
		yaml := "apiVersion: " + version + "\nkind: " + name + "\nmetadata: {name: a}\nspec: {" + spec + "}\n"
		p.install(yaml, Request{})
		q.stranger(yaml)
		if diff := cmp.Diff(foreignLabels(q.live(kind+" a")), foreignLabels(p.live(kind+" a"))); diff != "" {
			t.Errorf("%s: labels (-without kpm +with it):\n%s", kind, diff)
		}
	}
}

// foreignLabels are the labels that neither kpm nor the Job controller sets. The
// server writes the latter to the labels of a Job that are its template's by
// default, since it holds them as one map.
func foreignLabels(o map[string]any) map[string]any {
	labels := map[string]any{}
	for key, v := range object.Map(o, "metadata", "labels") {
		if !strings.HasPrefix(key, "kpm.sh/") && !strings.HasPrefix(key, "batch.kubernetes.io/") && key != "controller-uid" && key != "job-name" {
			labels[key] = v
		}
	}
	return labels
}

// TestServerOwnerReferences takes the owners out of an exported object: the server
// would collect it as garbage.
func TestServerOwnerReferences(t *testing.T) {
	p := somewhere(t)
	p.install(strings.Replace(settings, "name: settings", "name: settings, ownerReferences: [{apiVersion: v1, kind: ConfigMap, name: x, uid: 1-2}]", 1), Request{})
	if o := p.live("v1 ConfigMap settings"); o == nil || len(object.List(o, "metadata", "ownerReferences")) > 0 {
		t.Errorf("it is now %v", o)
	}
}
