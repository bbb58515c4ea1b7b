package ready

import (
	"fmt"
	"maps"
	"strings"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/object"
)

// asRolledOut gives a live object as kstatus has to see it, where kstatus has no rule
// for it, or one that no installation can use. live is not changed.
//
// Pods of a set with updateStrategy OnDelete are replaced when somebody deletes them:
// nobody can wait for that, but they have to be there, and ready. kstatus waits for
// new pods of a DaemonSet for ever, and for none of a StatefulSet. A ReplicaSet or
// ReplicationController of its own replaces no pod either.
func asRolledOut(ref api.Ref, live map[string]any) map[string]any {
	byHand := object.Text(live, "spec", "updateStrategy", "type") == "OnDelete"
	switch {
	case ref.Is("apps", "DaemonSet") && byHand:
		return with(live, "status", "updatedNumberScheduled", object.Map(live, "status")["desiredNumberScheduled"])
	case ref.Is("apps", "StatefulSet") && byHand:
		// No pod is to be replaced by the controller: that is a partition above them all.
		above := map[string]any{"rollingUpdate": map[string]any{"partition": replicas(live)}}
		return with(live, "spec", "updateStrategy", above)
	case ref.Is("apps", "ReplicaSet"):
		return anyLabels(live)
	case ref.Is("", "ReplicationController"): // it has the status of a ReplicaSet, which took its place
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
		maps.Copy(c, m)
		return c
	}
	out := copied(o)
	below := copied(object.Map(o, mapping))
	below[field] = value
	out[mapping] = below
	return out
}

// replicas are those that a workload wants; without a word about it that is one.
func replicas(live map[string]any) int64 {
	if n, ok := object.Map(live, "spec")["replicas"].(int64); ok {
		return n
	}
	return 1
}

// outdatedPods says how many pods of a set are of before, because its controller is not to
// replace them; "" when none are.
func outdatedPods(ref api.Ref, live map[string]any) string {
	all, updated := object.Number(live, "status", "desiredNumberScheduled"), object.Number(live, "status", "updatedNumberScheduled")
	if ref.Is("apps", "StatefulSet") {
		all, updated = replicas(live), object.Number(live, "status", "updatedReplicas")
	}
	switch {
	case updated >= all:
		return ""
	case object.Text(live, "spec", "updateStrategy", "type") == "OnDelete":
		return fmt.Sprintf("%d of %d pods are of before: each is replaced when it is deleted (updateStrategy OnDelete)", all-updated, all)
	}
	return fmt.Sprintf("%d of %d pods are of before: they are below the partition of its updateStrategy", all-updated, all)
}

// stillLate judges a Deployment that is not ready. A deadline that passed before an
// installation changed it last is no failure: its controller leaves that word there until the
// new pods are ready, and writes no new one where these are late as well.
func stillLate(live map[string]any, v verdict) verdict {
	changed := ""
	for _, m := range object.List(live, "metadata", "managedFields") {
		if strings.HasPrefix(object.Text(m, "manager"), "kpm:") && object.Text(m, "operation") == "Apply" {
			changed = max(changed, object.Text(m, "time")) // RFC 3339, all in UTC
		}
	}
	for _, c := range object.List(live, "status", "conditions") {
		if object.Text(c, "type") == "Progressing" && object.Text(c, "lastUpdateTime") <= changed {
			v.failed = false
		}
	}
	return v
}

// deploymentPaused is the reason that Kubernetes gives in the Progressing condition.
const deploymentPaused = "DeploymentPaused"

// paused judges a Deployment that is not ready. A paused one makes no pods from a new
// template. Where the Kube itself wants it so, there is nothing to wait for; else it
// is a fault that only somebody else can mend.
func paused(live map[string]any, v verdict) verdict {
	if object.Map(live, "spec")["paused"] != true || v.failed || object.Number(live, "status", "updatedReplicas") >= replicas(live) {
		return v
	}
	if pausedByKube(live) {
		return verdict{ready: true, note: "it is paused by its Kube, and makes no new pods before it is resumed"}
	}
	fault := podFault{reason: deploymentPaused, message: fmt.Sprintf("it makes no new pods before it is resumed (kubectl rollout resume deployment/%s -n %s)",
		object.Text(live, "metadata", "name"), object.Text(live, "metadata", "namespace"))}
	v.why, v.faults = fault.String(), append(v.faults, fault)
	return v
}

// pausedByKube tells whether an installation has applied spec.paused.
func pausedByKube(live map[string]any) bool {
	for _, m := range object.List(live, "metadata", "managedFields") {
		if strings.HasPrefix(object.Text(m, "manager"), "kpm:") && object.Text(m, "operation") == "Apply" && object.Map(m, "fieldsV1", "f:spec")["f:paused"] != nil {
			return true
		}
	}
	return false
}
