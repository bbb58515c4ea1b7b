package ready

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/fluxcd/cli-utils/pkg/kstatus/status"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/object"
)

// verdict is what the status of an object says at one moment.
type verdict struct {
	ready  bool
	failed bool
	gone   bool
	why    string
	note   string // worth knowing although it is ready
	faults []podFault

	finalizers []string // of one that is being deleted
}

// judgement judges an object by its own status; live is nil when it is gone.
type judgement func(ref api.Ref, live map[string]any) (verdict, error)

// observe judges an object as it is now.
func observe(ctx context.Context, c *api.Client, ref api.Ref, judge judgement) (verdict, error) {
	live, err := c.Find(ctx, ref)
	if err != nil {
		return verdict{}, err
	}
	if live == nil && ref.Is("batch", "Job") && completed(ctx, c, ref) {
		return verdict{ready: true}, nil // it goes by itself then
	}
	v, err := judge(ref, live)
	if err != nil || v.ready || v.failed {
		return v, err
	}
	if ref.Is("", "PersistentVolumeClaim") {
		v.ready = bindsLater(ctx, c, live)
		return v, nil
	}
	pods, err := podsOf(ctx, c, ref, live)
	if errors.Is(err, api.ErrForbidden) {
		return v, nil
	}
	for _, pod := range pods {
		v.faults = append(v.faults, podFaults(pod)...)
	}
	return v, err
}

// bindsLater tells whether a claim waits for a pod that uses it, which may never
// come: it is not the claim's fault, and a pod says so itself. It is taken for
// true when we may not read the storage class.
func bindsLater(ctx context.Context, c *api.Client, claim map[string]any) bool {
	class := object.Text(claim, "spec", "storageClassName")
	if class == "" || object.Text(claim, "status", "phase") != "Pending" {
		return false
	}
	o, err := c.Get(ctx, api.StorageClasses, api.StorageClasses.RefTo("", class))
	return errors.Is(err, api.ErrForbidden) || object.Text(o, "volumeBindingMode") == "WaitForFirstConsumer"
}

// ready judges an object by its own status, as docs/readiness.md says.
func ready(ref api.Ref, live map[string]any) (verdict, error) {
	switch {
	case live == nil:
		return verdict{failed: true, gone: true, why: "it is gone"}, nil
	case object.Text(live, "metadata", "deletionTimestamp") != "" && !Expires(live): // one that goes by itself has ended, well or not
		return verdict{failed: true, why: "it is being deleted" + Held(live), finalizers: object.Texts(live, "metadata", "finalizers")}, nil
	case ref.Is("batch", "Job"):
		return jobReady(live), nil
	case ref.Is("", "Pod") && object.Text(live, "status", "phase") == "Failed":
		return verdict{failed: true, why: podFailure(live)}, nil
	case ref.Is("", "PersistentVolumeClaim") && object.Text(live, "status", "phase") == "Lost":
		return verdict{failed: true, why: "its volume is lost"}, nil
	case ref.Is("apiregistration.k8s.io", "APIService"):
		return apiServiceReady(live), nil
	case object.Condition(live, "ReplicaFailure") == "True":
		return verdict{why: object.Message(live, "ReplicaFailure")}, nil
	}
	v := compute(ref, live)
	switch {
	case ref.Is("apps", "Deployment") && !v.ready:
		return paused(live, stillLate(live, v)), nil
	case ref.Is("apps", "DaemonSet", "StatefulSet") && v.ready:
		v.note = outdatedPods(ref, live)
	}
	return v, nil
}

// compute judges as kstatus does. A status that is not what Kubernetes' conventions
// want, which only custom resources can have, says nothing that could be waited for.
func compute(ref api.Ref, live map[string]any) verdict {
	result, err := status.Compute(&unstructured.Unstructured{Object: asRolledOut(ref, live)})
	if err != nil {
		return verdict{ready: true, note: "its status does not follow Kubernetes' conventions: " + object.OneLine(err.Error())}
	}
	v := verdict{why: object.OneLine(result.Message)}
	switch result.Status {
	case status.CurrentStatus:
		v.ready = true
	case status.FailedStatus:
		v.failed = true
	}
	return v
}

// apiServiceReady wants the server behind an API to answer.
func apiServiceReady(live map[string]any) verdict {
	if object.Condition(live, "Available") == "True" {
		return verdict{ready: true}
	}
	return verdict{why: cmp.Or(object.Message(live, "Available"), "no server answers for it yet")}
}

// jobReady wants a Job to be complete: kstatus is content with a started one. A
// suspended one has nothing to wait for.
func jobReady(job map[string]any) verdict {
	suspended, _ := object.Map(job, "spec")["suspend"].(bool)
	switch {
	case object.Condition(job, "Complete") == "True":
		return verdict{ready: true}
	case object.Condition(job, "Failed") == "True":
		return verdict{failed: true, why: cmp.Or(object.Message(job, "Failed"), "the Job failed")}
	case suspended:
		return verdict{ready: true, note: "it is suspended, and runs when it is resumed"}
	}
	return verdict{why: fmt.Sprintf("not complete: %d active, %d failed", object.Number(job, "status", "active"), object.Number(job, "status", "failed"))}
}

// Expires tells whether an object goes by itself when it has ended, as a Job with
// ttlSecondsAfterFinished does.
func Expires(o map[string]any) bool {
	ref := api.Ref{APIVersion: object.Text(o, "apiVersion"), Kind: object.Text(o, "kind")}
	return ref.Is("batch", "Job") && object.Map(o, "spec")["ttlSecondsAfterFinished"] != nil
}

// Expiring are those of some objects, in JSON, that go by themselves when they have
// ended: nothing is amiss when they are not there.
func Expiring(manifests []json.RawMessage) []api.Ref {
	var found []api.Ref
	for _, m := range manifests {
		var o map[string]any
		if json.Unmarshal(m, &o) == nil && Expires(o) {
			found = append(found, api.Ref{
				APIVersion: object.Text(o, "apiVersion"), Kind: object.Text(o, "kind"),
				Namespace: object.Text(o, "metadata", "namespace"), Name: object.Text(o, "metadata", "name"),
			})
		}
	}
	return found
}

// completed tells whether the last that is known of a Job is that it has
// completed. It is for one that is gone.
func completed(ctx context.Context, c *api.Client, ref api.Ref) bool {
	found, err := c.Events(ctx, ref.Namespace, "involvedObject.kind=Job,involvedObject.name="+ref.Name)
	if err != nil || len(found) == 0 {
		return false
	}
	last := slices.MaxFunc(found, func(a, b api.Event) int { return strings.Compare(a.Time(), b.Time()) })
	return last.Reason == "Completed"
}
