package plan

import (
	"maps"
	"slices"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/object"
	"github.com/kpm-sh/kpm/internal/kinds"
)

const rbacGroup = "rbac.authorization.k8s.io"

// tells reports whether an object is one that whoever may write Secrets in the
// namespace is least likely to write as well: a workload, an object of RBAC, or one
// out of the namespace. A Namespace is none: several installations may share it.
func tells(i api.Installation, r api.Ref) bool {
	return isWorkload(r) || r.Group() == rbacGroup || r.Namespace != i.Namespace && !r.Is("", "Namespace")
}

func isWorkload(r api.Ref) bool {
	return r.Is("", "Pod", "ReplicationController") || r.Is("batch", "Job", "CronJob") ||
		r.Is("apps", "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet")
}

// isGuarded tells whether an object is one that gives power beyond what workloads have.
func isGuarded(r api.Ref) bool {
	return r.Group() == rbacGroup || kinds.Custom(r.APIVersion)
}

// class is what an object has in common with those that whoever may write it may write as
// well: that it is a workload, its group where that is guarded, else its kind.
func class(r api.Ref) string {
	switch {
	case isWorkload(r):
		return "workload"
	case isGuarded(r):
		return r.Group()
	}
	return r.Kind
}

// mark writes the annotation on the objects that tell, or, where there are none, on
// all.
func mark(wanted []*desired, i api.Installation, value string) {
	if value == "" {
		return
	}
	telling := slices.ContainsFunc(wanted, func(d *desired) bool { return tells(i, d.ref) })
	for _, d := range wanted {
		meta := object.Map(d.value, "metadata")
		if _, ok := meta["annotations"].(map[string]any); meta["annotations"] != nil && !ok {
			continue // the server refuses it
		}
		if !telling && !d.ref.Is("", "Namespace") || tells(i, d.ref) {
			object.Ensure(meta, "annotations")[annotationInputs] = value
		}
	}
}

// confirmation is what the objects of a plan carry as kpm.sh/inputs, "" when none does.
func confirmation(objects map[string]*desired) string {
	for _, d := range objects {
		if value := object.Text(d.value, "metadata", "annotations", annotationInputs); value != "" {
			return value
		}
	}
	return ""
}

// vouchers are the seals of records that live objects carry.
type vouchers struct {
	proof Proof
	by    map[string]bool
}

func (v *vouchers) count(r Request, ref api.Ref, live map[string]any, made bool) {
	v.proof.count(r.Installation, ref, live, made, slices.Collect(maps.Keys(r.Past.Digests)))
	seal := sealOf(live)
	if _, known := r.Past.Digests[seal]; known && r.Installation.OwnerOf(live) == api.Ours && object.Text(live, "metadata", "deletionTimestamp") == "" {
		v.by[seal] = true
	}
}

// digests are those of the revisions that were installed, as all records agree on them
// whose seal is live. telling says that objects that tell are going to carry them: what
// only others say is not made more of than it is.
func (v *vouchers) digests(past Past, telling bool) map[int]string {
	agreed := map[int]string{}
	if !v.proof.Confirmed() && (telling || !v.proof.ConfirmedWeakly()) {
		return agreed
	}
	for _, number := range past.Installed {
		var said []string
		for seal := range v.by {
			said = append(said, past.Digests[seal][number])
		}
		if said = slices.Compact(slices.Sorted(slices.Values(said))); len(said) == 1 && said[0] != "" {
			agreed[number] = said[0]
		}
	}
	return agreed
}

// seal has the objects of a plan confirm what is to be recorded of it. What is written
// anyway carries it, and what else stays as it is carries it then, too.
func (v *vouchers) seal(plan *Plan, r Request, wanted []*desired) error {
	if r.Next == nil {
		return nil
	}
	manifests, err := plan.Manifests()
	if err != nil {
		return err
	}
	telling := slices.ContainsFunc(wanted, func(d *desired) bool { return tells(r.Installation, d.ref) })
	plan.digests = v.digests(r.Past, telling)
	mark(wanted, r.Installation, r.Next.Seal(plan.Base+1, manifests, plan.digests))
	for n, e := range plan.Entries {
		if live := plan.live[e.Key()]; e.Action == Unchanged && live != nil {
			plan.Entries[n].Unsealed = sealOf(live) != sealOf(plan.objects[e.Key()].value)
		}
	}
	return nil
}
