package manifest

import (
	"maps"
	"strings"
)

// clusterWide are the kinds of Kubernetes itself that live in no namespace, by
// group; * is every kind of a group.
const clusterWide = `
 Namespace Node PersistentVolume ComponentStatus
admissionregistration.k8s.io *
apiextensions.k8s.io *
apiregistration.k8s.io *
certificates.k8s.io CertificateSigningRequest ClusterTrustBundle
flowcontrol.apiserver.k8s.io *
networking.k8s.io IngressClass IPAddress ServiceCIDR
node.k8s.io *
policy PodSecurityPolicy
rbac.authorization.k8s.io ClusterRole ClusterRoleBinding
resource.k8s.io DeviceClass DeviceTaintRule ResourceSlice
scheduling.k8s.io PriorityClass
storage.k8s.io CSIDriver CSINode StorageClass VolumeAttachment VolumeAttributesClass
storagemigration.k8s.io *
`

// namespacedGroups are the groups of Kubernetes whose kinds all live in a
// namespace. Together with clusterWide they are those that need no cluster to be
// known.
const namespacedGroups = " apps autoscaling batch extensions coordination.k8s.io discovery.k8s.io events.k8s.io "

// InNamespace gives the objects as they will be in a namespace, as far as that is
// known without a cluster: an object that names no namespace gets this one, if it
// is of a kind of Kubernetes, or of one that the objects themselves define. The
// others are left as they are, and told. The objects given are not changed.
func InNamespace(objects []Object, namespace string) (placed, unknown []Object) {
	scopes := scopesOf(objects)
	for _, o := range objects {
		scope := scopes[groupKind(o)]
		if scope == "" {
			scope = builtIn(o)
		}
		switch {
		case o.Namespace != "" || scope == "Cluster":
		case scope == "":
			unknown = append(unknown, o)
		default:
			o = inNamespace(o, namespace)
		}
		placed = append(placed, o)
	}
	return placed, unknown
}

func inNamespace(o Object, namespace string) Object {
	o.Namespace, o.Value = namespace, maps.Clone(o.Value)
	meta, _ := o.Value["metadata"].(map[string]any)
	meta = maps.Clone(meta)
	meta["namespace"] = namespace
	o.Value["metadata"] = meta
	return o
}

// groupKind is the group and kind of an object.
func groupKind(o Object) string {
	return GroupOf(o.APIVersion) + " " + o.Kind
}

// GroupOf is the group of an apiVersion, "" for the core one.
func GroupOf(apiVersion string) string {
	group, _, ok := strings.Cut(apiVersion, "/")
	if !ok {
		return ""
	}
	return group
}

// scopesOf are the scopes of the kinds that custom resource definitions among the
// objects define.
func scopesOf(objects []Object) map[string]string {
	scopes := map[string]string{}
	for _, o := range objects {
		if o.Kind != "CustomResourceDefinition" {
			continue
		}
		spec, _ := o.Value["spec"].(map[string]any)
		names, _ := spec["names"].(map[string]any)
		group, _ := spec["group"].(string)
		kind, _ := names["kind"].(string)
		scope, _ := spec["scope"].(string)
		scopes[group+" "+kind] = scope
	}
	return scopes
}

// builtIn is the scope of a kind of Kubernetes, "" when it is none.
func builtIn(o Object) string {
	group := GroupOf(o.APIVersion)
	for line := range strings.Lines(clusterWide) {
		known, kinds, ok := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		if !ok || known != group {
			continue
		}
		if kinds == "*" || strings.Contains(" "+kinds+" ", " "+o.Kind+" ") {
			return "Cluster"
		}
		return "Namespaced"
	}
	if strings.Contains(namespacedGroups, " "+group+" ") {
		return "Namespaced"
	}
	return ""
}
