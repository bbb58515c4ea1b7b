package cluster

import (
	"cmp"
	"slices"

	"github.com/kpm-sh/kpm/internal/cluster/api"
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
func stageOf(r api.Ref) Stage {
	if s, ok := stages[r.Group()+"/"+r.Kind]; ok {
		return s
	}
	return Rest
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
		stages := cmp.Compare(stageOf(a.Ref), stageOf(b.Ref))
		if rank(a) == 1 {
			stages = cmp.Or(cmp.Compare(turnOf(a.Ref), turnOf(b.Ref)), -stages)
		}
		return cmp.Or(cmp.Compare(rank(a), rank(b)), stages, a.Compare(b.Ref))
	})
}
