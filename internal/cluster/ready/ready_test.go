package ready

import (
	"fmt"
	"strings"
	"testing"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/manifest"
)

// late is a Deployment that was applied at 05, with the time of its deadline.
func late(at string) string {
	return "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a, namespace: ns, generation: 2, managedFields: [{manager: 'kpm:ns/a', operation: Apply, time: '2026-01-01T00:00:05Z'}, {manager: c, operation: Update, time: '2026-01-01T00:00:20Z'}]}\n" +
		"spec: {replicas: 1, progressDeadlineSeconds: 3}\nstatus: {observedGeneration: 2, replicas: 1, conditions: [{type: Progressing, status: 'False', reason: ProgressDeadlineExceeded, lastUpdateTime: '" + at + "'}]}"
}

// Each object is written with the verdict on it: ready, failed, or what it waits for;
// after a semicolon what else there is to know. docs/readiness.md has the rules.
func TestReady(t *testing.T) {
	const seen = "metadata: {name: a, namespace: ns, generation: 2}\n"
	for _, c := range []struct{ name, want, object string }{
		// DaemonSets and StatefulSets: pods that a controller is not to replace.
		{"DaemonSet, OnDelete, none updated", "ready; 3 of 3 pods are of before: each is replaced when it is deleted (updateStrategy OnDelete)",
			"apiVersion: apps/v1\nkind: DaemonSet\n" + seen + "spec: {updateStrategy: {type: OnDelete}}\nstatus: {observedGeneration: 2, desiredNumberScheduled: 3, currentNumberScheduled: 3, numberReady: 3, numberAvailable: 3}"},
		{"DaemonSet, OnDelete, one not ready", "waits for Available: 2/3",
			"apiVersion: apps/v1\nkind: DaemonSet\n" + seen + "spec: {updateStrategy: {type: OnDelete}}\nstatus: {observedGeneration: 2, desiredNumberScheduled: 3, currentNumberScheduled: 3, numberReady: 2, numberAvailable: 2}"},
		{"DaemonSet, OnDelete, not seen yet", "waits for DaemonSet generation is 2, but latest observed generation is 1",
			"apiVersion: apps/v1\nkind: DaemonSet\n" + seen + "spec: {updateStrategy: {type: OnDelete}}\nstatus: {observedGeneration: 1, desiredNumberScheduled: 3, currentNumberScheduled: 3, numberReady: 3, numberAvailable: 3}"},
		{"DaemonSet, RollingUpdate, none updated", "waits for Updated: 0/3",
			"apiVersion: apps/v1\nkind: DaemonSet\n" + seen + "spec: {updateStrategy: {type: RollingUpdate}}\nstatus: {observedGeneration: 2, desiredNumberScheduled: 3, currentNumberScheduled: 3, numberReady: 3, numberAvailable: 3}"},
		{"StatefulSet, OnDelete, no pod", "waits for Replicas: 0/2",
			"apiVersion: apps/v1\nkind: StatefulSet\n" + seen + "spec: {replicas: 2, updateStrategy: {type: OnDelete}}\nstatus: {observedGeneration: 2, replicas: 0}"},
		{"StatefulSet, OnDelete, one not ready", "waits for Ready: 1/2",
			"apiVersion: apps/v1\nkind: StatefulSet\n" + seen + "spec: {replicas: 2, updateStrategy: {type: OnDelete}}\nstatus: {observedGeneration: 2, replicas: 2, readyReplicas: 1}"},
		{"StatefulSet, OnDelete, of before", "ready; 2 of 2 pods are of before: each is replaced when it is deleted (updateStrategy OnDelete)",
			"apiVersion: apps/v1\nkind: StatefulSet\n" + seen + "spec: {replicas: 2, updateStrategy: {type: OnDelete}}\nstatus: {observedGeneration: 2, replicas: 2, readyReplicas: 2}"},
		{"StatefulSet, OnDelete, not seen yet", "waits for StatefulSet generation is 2, but latest observed generation is 1",
			"apiVersion: apps/v1\nkind: StatefulSet\n" + seen + "spec: {replicas: 2, updateStrategy: {type: OnDelete}}\nstatus: {observedGeneration: 1, replicas: 2, readyReplicas: 2}"},
		{"StatefulSet, partition, no pod", "waits for Replicas: 0/2",
			"apiVersion: apps/v1\nkind: StatefulSet\n" + seen + "spec: {replicas: 2, updateStrategy: {type: RollingUpdate, rollingUpdate: {partition: 5}}}\nstatus: {observedGeneration: 2, replicas: 0}"},
		{"StatefulSet, partition reached", "ready; 1 of 2 pods are of before: they are below the partition of its updateStrategy",
			"apiVersion: apps/v1\nkind: StatefulSet\n" + seen + "spec: {replicas: 2, updateStrategy: {type: RollingUpdate, rollingUpdate: {partition: 1}}}\nstatus: {observedGeneration: 2, replicas: 2, readyReplicas: 2, updatedReplicas: 1}"},

		// Deployments.
		{"Deployment, paused by somebody", "waits for DeploymentPaused: it makes no new pods before it is resumed (kubectl rollout resume deployment/a -n ns)",
			"apiVersion: apps/v1\nkind: Deployment\n" + seen + "spec: {replicas: 1, paused: true}\nstatus: {observedGeneration: 2, replicas: 1, readyReplicas: 1, availableReplicas: 1}"},
		{"Deployment, paused by its Kube", "ready; it is paused by its Kube, and makes no new pods before it is resumed",
			"apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a, namespace: ns, generation: 2, managedFields: [{manager: 'kpm:ns/a', operation: Apply, fieldsV1: {'f:spec': {'f:paused': {}}}}]}\nspec: {replicas: 1, paused: true}\nstatus: {observedGeneration: 2}"},
		{"Deployment, paused, pods as wanted but not ready", "waits for Available: 0/1",
			"apiVersion: apps/v1\nkind: Deployment\n" + seen + "spec: {replicas: 1, paused: true}\nstatus: {observedGeneration: 2, replicas: 1, updatedReplicas: 1}"},
		{"Deployment, late", "failed: Progress deadline exceeded", late("2026-01-01T00:00:09Z")},
		{"Deployment, late before it was changed", "waits for Progress deadline exceeded", late("2026-01-01T00:00:05Z")},

		// What kstatus has no rule for.
		{"ReplicationController, no pod", "waits for Available: 0/1", "apiVersion: v1\nkind: ReplicationController\n" + seen + "status: {observedGeneration: 2, replicas: 0}"},
		{"ReplicationController, pods with the labels of before", "ready", "apiVersion: v1\nkind: ReplicationController\n" + seen + "status: {observedGeneration: 2, replicas: 1, fullyLabeledReplicas: 0, readyReplicas: 1, availableReplicas: 1}"},
		{"ReplicaSet, pods with the labels of before", "ready", "apiVersion: apps/v1\nkind: ReplicaSet\n" + seen + "spec: {replicas: 1}\nstatus: {observedGeneration: 2, replicas: 1, fullyLabeledReplicas: 0, readyReplicas: 1, availableReplicas: 1}"},
		{"ReplicationController, ready", "ready", "apiVersion: v1\nkind: ReplicationController\n" + seen + "status: {observedGeneration: 2, replicas: 1, fullyLabeledReplicas: 1, readyReplicas: 1, availableReplicas: 1}"},
		{"ReplicaSet, no pod", "waits for Available: 0/1", "apiVersion: apps/v1\nkind: ReplicaSet\n" + seen + "status: {observedGeneration: 2, replicas: 0}"},
		{"APIService, just made", "waits for no server answers for it yet", "apiVersion: apiregistration.k8s.io/v1\nkind: APIService\n" + seen},
		{"APIService without a server", "waits for endpoints not found", "apiVersion: apiregistration.k8s.io/v1\nkind: APIService\n" + seen + "status: {conditions: [{type: Available, status: 'False', message: endpoints not found}]}"},
		{"APIService", "ready", "apiVersion: apiregistration.k8s.io/v1\nkind: APIService\n" + seen + "status: {conditions: [{type: Available, status: 'True', message: all checks passed}]}"},
		{"Pod that failed", "failed: container m ended with exit code 3", "apiVersion: v1\nkind: Pod\n" + seen + "status: {phase: Failed, containerStatuses: [{name: m, state: {terminated: {exitCode: 3, reason: Error}}}]}"},
		{"Pod that succeeded", "ready", "apiVersion: v1\nkind: Pod\n" + seen + "status: {phase: Succeeded}"},
		{"claim without its volume", "failed: its volume is lost", "apiVersion: v1\nkind: PersistentVolumeClaim\n" + seen + "status: {phase: Lost}"},
		{"Job, suspended", "ready; it is suspended, and runs when it is resumed", "apiVersion: batch/v1\nkind: Job\n" + seen + "spec: {suspend: true}"},
		{"Job, failed and suspended", "failed: the Job failed", "apiVersion: batch/v1\nkind: Job\n" + seen + "spec: {suspend: true}\nstatus: {conditions: [{type: Failed, status: 'True'}]}"},

		// Definitions and what they define.
		{"CRD, names taken", "failed: is taken", "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\n" + seen + "status: {conditions: [{type: NamesAccepted, status: 'False', message: is taken}]}"},
		{"custom, without a status", "ready", "apiVersion: example.com/v1\nkind: Pot\n" + seen},
		{"custom, not seen yet", "waits for Pot generation is 2, but latest observed generation is 1", "apiVersion: example.com/v1\nkind: Pot\n" + seen + "status: {observedGeneration: 1}"},
		{"custom, reconciling", "waits for at work", "apiVersion: example.com/v1\nkind: Pot\n" + seen + "status: {conditions: [{type: Reconciling, status: 'True', message: at work}, {type: Ready, status: 'True'}]}"},
		{"custom, stalled", "failed: no way", "apiVersion: example.com/v1\nkind: Pot\n" + seen + "status: {conditions: [{type: Stalled, status: 'True', message: no way}]}"},
		{"custom, not ready", "waits for soon", "apiVersion: example.com/v1\nkind: Pot\n" + seen + "status: {conditions: [{type: Ready, status: 'False', message: soon}]}"},
		{"custom, status of its own", "ready; its status does not follow Kubernetes' conventions", "apiVersion: example.com/v1\nkind: Pot\n" + seen + "status: {observedGeneration: never}"},
		{"custom, conditions of its own", "ready; its status does not follow Kubernetes' conventions", "apiVersion: example.com/v1\nkind: Pot\n" + seen + "status: {conditions: {ready: true}}"},

		// What is on its way out.
		{"Namespace, going", "failed: it is being deleted; Some resources are remaining: pods. has 1 resource instances; Some content has finalizers: keep",
			"apiVersion: v1\nkind: Namespace\nmetadata: {name: ns, deletionTimestamp: '2026-01-01T00:00:00Z'}\nstatus: {phase: Terminating, conditions: [" +
				"{type: NamespaceDeletionDiscoveryFailure, status: 'False', message: all is known}, " +
				"{type: NamespaceContentRemaining, status: 'True', message: 'Some resources are remaining: pods. has 1 resource instances'}, " +
				"{type: NamespaceFinalizersRemaining, status: 'True', message: 'Some content has finalizers: keep'}]}"},
		{"Job that goes by itself, going", "ready", "apiVersion: batch/v1\nkind: Job\nmetadata: {name: a, deletionTimestamp: '2026-01-01T00:00:00Z', finalizers: [foregroundDeletion]}\nspec: {ttlSecondsAfterFinished: 0}\nstatus: {conditions: [{type: Complete, status: 'True'}]}"},
		{"Job that stays, going", "failed: it is being deleted, held by the finalizers foregroundDeletion", "apiVersion: batch/v1\nkind: Job\nmetadata: {name: a, deletionTimestamp: '2026-01-01T00:00:00Z', finalizers: [foregroundDeletion]}\nspec: {}\nstatus: {conditions: [{type: Complete, status: 'True'}]}"},
		{"ConfigMap, going", "failed: it is being deleted, held by the finalizers a, b", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, deletionTimestamp: '2026-01-01T00:00:00Z', finalizers: [a, b]}"},

		// What is used when somebody uses it.
		{"Service, LoadBalancer without an address", "ready", "apiVersion: v1\nkind: Service\n" + seen + "spec: {type: LoadBalancer, clusterIP: 10.0.0.1}\nstatus: {loadBalancer: {}}"},
		{"Ingress without an address", "ready", "apiVersion: networking.k8s.io/v1\nkind: Ingress\n" + seen + "status: {loadBalancer: {}}"},
		{"PodDisruptionBudget", "ready", "apiVersion: policy/v1\nkind: PodDisruptionBudget\n" + seen + "status: {observedGeneration: 2, currentHealthy: 0, desiredHealthy: 1, conditions: [{type: DisruptionAllowed, status: 'False'}]}"},
		{"HorizontalPodAutoscaler without metrics", "ready", "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\n" + seen + "status: {conditions: [{type: ScalingActive, status: 'False', message: no metrics}]}"},
	} {
		t.Run(c.name, func(t *testing.T) {
			objects, problems := manifest.Decode("a.yaml", []byte(c.object))
			if err := problems.Err(); err != nil {
				t.Fatal(err)
			}
			o := objects[0]
			before := fmt.Sprint(o.Value)
			v, err := ready(api.Ref{APIVersion: o.APIVersion, Kind: o.Kind, Namespace: "n", Name: "a"}, o.Value)
			if err != nil {
				t.Fatal(err)
			}
			if got := v.String(); got != c.want && (!strings.HasSuffix(c.want, "conventions") || !strings.HasPrefix(got, c.want)) {
				t.Errorf("got %q, want %q", got, c.want)
			}
			if fmt.Sprint(o.Value) != before {
				t.Error("the object is changed")
			}
		})
	}
}

func (v verdict) String() string {
	text := "waits for " + v.why
	switch {
	case v.failed:
		text = "failed: " + v.why
	case v.ready:
		text = "ready"
	}
	return strings.TrimSuffix(text+"; "+v.note, "; ")
}
