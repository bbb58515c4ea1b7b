package plan

import (
	"cmp"
	"slices"
)

// Stage is when an object is applied. When it is deleted is its turn.
type Stage int

// The stages, in their order.
const (
	Definitions Stage = iota // namespaces and CRDs
	Foundation               // RBAC, configuration, storage
	Services
	Workloads
	Rest
	Webhooks // last: they may have to be answered by what the stages before made
)

// String names the stage.
func (s Stage) String() string {
	return [...]string{"definitions", "foundation", "services", "workloads", "rest", "webhooks"}[s]
}

var stages = map[string]Stage{
	"/Namespace": Definitions, "apiextensions.k8s.io/CustomResourceDefinition": Definitions,
	"/ServiceAccount": Foundation, "/Secret": Foundation, "/ConfigMap": Foundation,
	"/PersistentVolumeClaim": Foundation, "/PersistentVolume": Foundation,
	"/ResourceQuota": Foundation, "/LimitRange": Foundation,
	"rbac.authorization.k8s.io/Role": Foundation, "rbac.authorization.k8s.io/ClusterRole": Foundation,
	"rbac.authorization.k8s.io/RoleBinding": Foundation, "rbac.authorization.k8s.io/ClusterRoleBinding": Foundation,
	"storage.k8s.io/StorageClass": Foundation, "scheduling.k8s.io/PriorityClass": Foundation,
	"node.k8s.io/RuntimeClass": Foundation, "networking.k8s.io/NetworkPolicy": Foundation,
	"/Service": Services, "/Endpoints": Services, "discovery.k8s.io/EndpointSlice": Services,
	"/Pod": Workloads, "/ReplicationController": Workloads,
	"apps/Deployment": Workloads, "apps/StatefulSet": Workloads, "apps/DaemonSet": Workloads, "apps/ReplicaSet": Workloads,
	"batch/Job": Workloads, "batch/CronJob": Workloads,
	"admissionregistration.k8s.io/ValidatingWebhookConfiguration":   Webhooks,
	"admissionregistration.k8s.io/MutatingWebhookConfiguration":     Webhooks,
	"admissionregistration.k8s.io/ValidatingAdmissionPolicy":        Webhooks,
	"admissionregistration.k8s.io/ValidatingAdmissionPolicyBinding": Webhooks,
	"admissionregistration.k8s.io/MutatingAdmissionPolicy":          Webhooks,
	"admissionregistration.k8s.io/MutatingAdmissionPolicyBinding":   Webhooks,
	"apiregistration.k8s.io/APIService":                             Webhooks,
}

// Stage is when the object is applied.
func (e Entry) Stage() Stage {
	if s, ok := stages[e.Group()+"/"+e.Kind]; ok {
		return s
	}
	return Rest
}

// Turn is when an object is deleted.
type Turn int

// The turns, in their order. What a workload may have to finalize goes, and is waited
// for, before the workload.
const (
	CustomTurn    Turn = iota // custom resources and what else is none of the below; waited for
	WebhookTurn               // admission and aggregation: they may have to let the first ones pass
	CRDTurn                   // waited for: all objects of a CRD go with it, others' too
	WorkloadTurn              // in reverse order of their stages: RBAC and configuration after them
	NamespaceTurn             // what is left in them goes, too
)

// Turn is when the object is deleted.
func (e Entry) Turn() Turn {
	switch e.Stage() {
	case Rest:
		return CustomTurn
	case Webhooks:
		return WebhookTurn
	case Definitions:
		if e.Is("", "Namespace") {
			return NamespaceTurn
		}
		return CRDTurn
	}
	return WorkloadTurn
}

// sortEntries puts what is applied in the order of its stages, then what is
// deleted in the order of its turns, then what stays.
func sortEntries(entries []Entry) {
	rank := func(e Entry) int {
		switch e.Action {
		case Removed, GivenUp:
			return 1
		case Kept:
			return 2
		}
		return 0
	}
	slices.SortStableFunc(entries, func(a, b Entry) int {
		stages := cmp.Compare(a.Stage(), b.Stage())
		if rank(a) == 1 {
			stages = cmp.Or(cmp.Compare(a.Turn(), b.Turn()), -stages)
		}
		return cmp.Or(cmp.Compare(rank(a), rank(b)), stages, a.Compare(b.Ref))
	})
}
