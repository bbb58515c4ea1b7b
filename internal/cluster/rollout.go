package cluster

import (
	"fmt"
	"strings"
)

// asRolledOut gives a live object as kstatus has to see it, where kstatus has no rule
// for it, or one that no installation can use. live is not changed.
//
// Pods of a set with updateStrategy OnDelete are replaced when somebody deletes them:
// nobody can wait for that, but they have to be there, and ready. kstatus waits for
// new pods of a DaemonSet for ever, and for none of a StatefulSet. A ReplicaSet or
// ReplicationController of its own replaces no pod either.
func asRolledOut(ref Ref, live map[string]any) map[string]any {
	byHand := text(live, "spec", "updateStrategy", "type") == "OnDelete"
	switch {
	case ref.is("apps", "DaemonSet") && byHand:
		return with(live, "status", "updatedNumberScheduled", dig(live, "status")["desiredNumberScheduled"])
	case ref.is("apps", "StatefulSet") && byHand:
		// No pod is to be replaced by the controller: that is a partition above them all.
		above := map[string]any{"rollingUpdate": map[string]any{"partition": replicas(live)}}
		return with(live, "spec", "updateStrategy", above)
	case ref.is("apps", "ReplicaSet"):
		return anyLabels(live)
	case ref.is("", "ReplicationController"): // it has the status of a ReplicaSet, which took its place
		rs := anyLabels(with(live, "spec", "replicas", replicas(live)))
		rs["apiVersion"], rs["kind"] = "apps/v1", "ReplicaSet"
		return rs
	}
	return live
}

// anyLabels shows all pods of live as labelled as its template says. Those of before
// keep their labels, as nothing replaces them, and kstatus would wait for ever.
func anyLabels(live map[string]any) map[string]any {
	return with(live, "status", "fullyLabeledReplicas", replicas(live))
}

// with copies o as far as needed to give one field below a mapping another value.
func with(o map[string]any, mapping, field string, value any) map[string]any {
	copied := func(m map[string]any) map[string]any {
		c := make(map[string]any, len(m)+1)
		for key, below := range m {
			c[key] = below
		}
		return c
	}
	out := copied(o)
	below := copied(dig(o, mapping))
	below[field] = value
	out[mapping] = below
	return out
}

// replicas are those that a workload wants; without a word about it that is one.
func replicas(live map[string]any) int64 {
	if n, ok := dig(live, "spec")["replicas"].(int64); ok {
		return n
	}
	return 1
}

// behind says how many pods of a set are of before, because its controller is not to
// replace them; "" when none are.
func behind(ref Ref, live map[string]any) string {
	all, updated := number(live, "status", "desiredNumberScheduled"), number(live, "status", "updatedNumberScheduled")
	if ref.is("apps", "StatefulSet") {
		all, updated = replicas(live), number(live, "status", "updatedReplicas")
	}
	switch {
	case updated >= all:
		return ""
	case text(live, "spec", "updateStrategy", "type") == "OnDelete":
		return fmt.Sprintf("%d of %d pods are of before: each is replaced when it is deleted (updateStrategy OnDelete)", all-updated, all)
	}
	return fmt.Sprintf("%d of %d pods are of before: they are below the partition of its updateStrategy", all-updated, all)
}

// deploymentPaused is the reason that Kubernetes gives in the Progressing condition.
const deploymentPaused = "DeploymentPaused"

// paused judges a Deployment that is not ready. A paused one makes no pods from a new
// template. Where the Kube itself wants it so, there is nothing to wait for; else it
// is a fault that only somebody else can mend.
func paused(live map[string]any, v verdict) verdict {
	if dig(live, "spec")["paused"] != true || v.failed || number(live, "status", "updatedReplicas") >= replicas(live) {
		return v
	}
	if pausedByKube(live) {
		return verdict{ready: true, note: "it is paused by its Kube, and makes no new pods before it is resumed"}
	}
	fault := podFault{reason: deploymentPaused, message: fmt.Sprintf("it makes no new pods before it is resumed (kubectl rollout resume deployment/%s -n %s)",
		text(live, "metadata", "name"), text(live, "metadata", "namespace"))}
	v.why, v.faults = fault.String(), append(v.faults, fault)
	return v
}

// pausedByKube tells whether an installation has applied spec.paused.
func pausedByKube(live map[string]any) bool {
	for _, m := range list(live, "metadata", "managedFields") {
		if strings.HasPrefix(text(m, "manager"), "kpm:") && text(m, "operation") == "Apply" && dig(m, "fieldsV1", "f:spec")["f:paused"] != nil {
			return true
		}
	}
	return false
}
