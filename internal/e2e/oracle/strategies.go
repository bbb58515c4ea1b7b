package oracle

import (
	"errors"

	apiextensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/install"
	"k8s.io/apiextensions-apiserver/pkg/registry/customresourcedefinition"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/registry/rest"
	apiregistration "k8s.io/kube-aggregator/pkg/apis/apiregistration/install"
	"k8s.io/kube-aggregator/pkg/registry/apiservice"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
	_ "k8s.io/kubernetes/pkg/apis/admissionregistration/install" // each package of types adds itself to the scheme
	_ "k8s.io/kubernetes/pkg/apis/apps/install"
	_ "k8s.io/kubernetes/pkg/apis/autoscaling/install"
	_ "k8s.io/kubernetes/pkg/apis/batch/install"
	_ "k8s.io/kubernetes/pkg/apis/certificates/install"
	_ "k8s.io/kubernetes/pkg/apis/coordination/install"
	_ "k8s.io/kubernetes/pkg/apis/core/install"
	_ "k8s.io/kubernetes/pkg/apis/discovery/install"
	_ "k8s.io/kubernetes/pkg/apis/flowcontrol/install"
	_ "k8s.io/kubernetes/pkg/apis/networking/install"
	_ "k8s.io/kubernetes/pkg/apis/node/install"
	_ "k8s.io/kubernetes/pkg/apis/policy/install"
	_ "k8s.io/kubernetes/pkg/apis/rbac/install"
	_ "k8s.io/kubernetes/pkg/apis/resource/install"
	_ "k8s.io/kubernetes/pkg/apis/scheduling/install"
	_ "k8s.io/kubernetes/pkg/apis/storage/install"
	"k8s.io/kubernetes/pkg/capabilities"
	"k8s.io/kubernetes/pkg/registry/admissionregistration/mutatingadmissionpolicy"
	"k8s.io/kubernetes/pkg/registry/admissionregistration/mutatingadmissionpolicybinding"
	"k8s.io/kubernetes/pkg/registry/admissionregistration/mutatingwebhookconfiguration"
	"k8s.io/kubernetes/pkg/registry/admissionregistration/resolver"
	"k8s.io/kubernetes/pkg/registry/admissionregistration/validatingadmissionpolicy"
	"k8s.io/kubernetes/pkg/registry/admissionregistration/validatingadmissionpolicybinding"
	"k8s.io/kubernetes/pkg/registry/admissionregistration/validatingwebhookconfiguration"
	"k8s.io/kubernetes/pkg/registry/apps/controllerrevision"
	"k8s.io/kubernetes/pkg/registry/apps/daemonset"
	"k8s.io/kubernetes/pkg/registry/apps/deployment"
	"k8s.io/kubernetes/pkg/registry/apps/replicaset"
	"k8s.io/kubernetes/pkg/registry/apps/statefulset"
	"k8s.io/kubernetes/pkg/registry/autoscaling/horizontalpodautoscaler"
	"k8s.io/kubernetes/pkg/registry/batch/cronjob"
	"k8s.io/kubernetes/pkg/registry/batch/job"
	"k8s.io/kubernetes/pkg/registry/certificates/certificates"
	"k8s.io/kubernetes/pkg/registry/coordination/lease"
	"k8s.io/kubernetes/pkg/registry/core/configmap"
	"k8s.io/kubernetes/pkg/registry/core/endpoint"
	"k8s.io/kubernetes/pkg/registry/core/limitrange"
	namespaces "k8s.io/kubernetes/pkg/registry/core/namespace"
	"k8s.io/kubernetes/pkg/registry/core/node"
	"k8s.io/kubernetes/pkg/registry/core/persistentvolume"
	"k8s.io/kubernetes/pkg/registry/core/persistentvolumeclaim"
	"k8s.io/kubernetes/pkg/registry/core/pod"
	"k8s.io/kubernetes/pkg/registry/core/podtemplate"
	"k8s.io/kubernetes/pkg/registry/core/replicationcontroller"
	"k8s.io/kubernetes/pkg/registry/core/resourcequota"
	"k8s.io/kubernetes/pkg/registry/core/secret"
	"k8s.io/kubernetes/pkg/registry/core/service"
	"k8s.io/kubernetes/pkg/registry/core/serviceaccount"
	"k8s.io/kubernetes/pkg/registry/discovery/endpointslice"
	"k8s.io/kubernetes/pkg/registry/flowcontrol/flowschema"
	"k8s.io/kubernetes/pkg/registry/flowcontrol/prioritylevelconfiguration"
	"k8s.io/kubernetes/pkg/registry/networking/ingress"
	"k8s.io/kubernetes/pkg/registry/networking/ingressclass"
	"k8s.io/kubernetes/pkg/registry/networking/ipaddress"
	"k8s.io/kubernetes/pkg/registry/networking/networkpolicy"
	"k8s.io/kubernetes/pkg/registry/networking/servicecidr"
	"k8s.io/kubernetes/pkg/registry/node/runtimeclass"
	"k8s.io/kubernetes/pkg/registry/policy/poddisruptionbudget"
	"k8s.io/kubernetes/pkg/registry/rbac/clusterrole"
	"k8s.io/kubernetes/pkg/registry/rbac/clusterrolebinding"
	"k8s.io/kubernetes/pkg/registry/rbac/role"
	"k8s.io/kubernetes/pkg/registry/rbac/rolebinding"
	"k8s.io/kubernetes/pkg/registry/resource/deviceclass"
	"k8s.io/kubernetes/pkg/registry/resource/resourceclaim"
	"k8s.io/kubernetes/pkg/registry/resource/resourceclaimtemplate"
	"k8s.io/kubernetes/pkg/registry/scheduling/priorityclass"
	"k8s.io/kubernetes/pkg/registry/storage/csidriver"
	"k8s.io/kubernetes/pkg/registry/storage/csinode"
	"k8s.io/kubernetes/pkg/registry/storage/csistoragecapacity"
	"k8s.io/kubernetes/pkg/registry/storage/storageclass"
	"k8s.io/kubernetes/pkg/registry/storage/volumeattachment"
	"k8s.io/kubernetes/pkg/registry/storage/volumeattributesclass"
)

func init() {
	apiextensions.Install(legacyscheme.Scheme)
	apiregistration.Install(legacyscheme.Scheme)
	capabilities.Initialize(capabilities.Capabilities{AllowPrivileged: true}) // --allow-privileged, as clusters have it
}

func in(group, kind string) schema.GroupKind { return schema.GroupKind{Group: group, Kind: kind} }

// strategies are those of the server's storage, by kind.
var strategies = map[schema.GroupKind]rest.RESTCreateStrategy{
	in("", "ConfigMap"):             configmap.Strategy,
	in("", "Endpoints"):             endpoint.Strategy,
	in("", "LimitRange"):            limitrange.Strategy,
	in("", "Namespace"):             namespaces.Strategy,
	in("", "Node"):                  node.Strategy,
	in("", "PersistentVolume"):      persistentvolume.Strategy,
	in("", "PersistentVolumeClaim"): persistentvolumeclaim.Strategy,
	in("", "Pod"):                   pod.Strategy,
	in("", "PodTemplate"):           podtemplate.Strategy,
	in("", "ReplicationController"): replicationcontroller.Strategy,
	in("", "ResourceQuota"):         resourcequota.Strategy,
	in("", "Secret"):                secret.Strategy,
	in("", "Service"):               service.Strategy,
	in("", "ServiceAccount"):        serviceaccount.Strategy,

	in("apps", "ControllerRevision"):                       controllerrevision.Strategy,
	in("apps", "DaemonSet"):                                daemonset.Strategy,
	in("apps", "Deployment"):                               deployment.Strategy,
	in("apps", "ReplicaSet"):                               replicaset.Strategy,
	in("apps", "StatefulSet"):                              statefulset.Strategy,
	in("autoscaling", "HorizontalPodAutoscaler"):           horizontalpodautoscaler.Strategy,
	in("batch", "CronJob"):                                 cronjob.Strategy,
	in("batch", "Job"):                                     job.Strategy,
	in("policy", "PodDisruptionBudget"):                    poddisruptionbudget.Strategy,
	in("discovery.k8s.io", "EndpointSlice"):                endpointslice.Strategy,
	in("coordination.k8s.io", "Lease"):                     lease.Strategy,
	in("scheduling.k8s.io", "PriorityClass"):               priorityclass.Strategy,
	in("node.k8s.io", "RuntimeClass"):                      runtimeclass.Strategy,
	in("storage.k8s.io", "CSIDriver"):                      csidriver.Strategy,
	in("storage.k8s.io", "CSINode"):                        csinode.Strategy,
	in("storage.k8s.io", "CSIStorageCapacity"):             csistoragecapacity.Strategy,
	in("storage.k8s.io", "StorageClass"):                   storageclass.Strategy,
	in("storage.k8s.io", "VolumeAttachment"):               volumeattachment.Strategy,
	in("storage.k8s.io", "VolumeAttributesClass"):          volumeattributesclass.Strategy,
	in("resource.k8s.io", "DeviceClass"):                   deviceclass.Strategy,
	in("resource.k8s.io", "ResourceClaim"):                 resourceclaim.NewStrategy(nil, nil),
	in("resource.k8s.io", "ResourceClaimTemplate"):         resourceclaimtemplate.NewStrategy(nil),
	in("networking.k8s.io", "Ingress"):                     ingress.Strategy,
	in("networking.k8s.io", "IngressClass"):                ingressclass.Strategy,
	in("networking.k8s.io", "IPAddress"):                   ipaddress.Strategy,
	in("networking.k8s.io", "NetworkPolicy"):               networkpolicy.Strategy,
	in("networking.k8s.io", "ServiceCIDR"):                 servicecidr.Strategy,
	in("certificates.k8s.io", "CertificateSigningRequest"): certificates.Strategy,

	in("rbac.authorization.k8s.io", "ClusterRole"):        clusterrole.Strategy,
	in("rbac.authorization.k8s.io", "ClusterRoleBinding"): clusterrolebinding.Strategy,
	in("rbac.authorization.k8s.io", "Role"):               role.Strategy,
	in("rbac.authorization.k8s.io", "RoleBinding"):        rolebinding.Strategy,

	in("flowcontrol.apiserver.k8s.io", "FlowSchema"):                 flowschema.Strategy,
	in("flowcontrol.apiserver.k8s.io", "PriorityLevelConfiguration"): prioritylevelconfiguration.Strategy,

	in("admissionregistration.k8s.io", "MutatingAdmissionPolicy"):          mutatingadmissionpolicy.NewStrategy(nil, nil),
	in("admissionregistration.k8s.io", "MutatingAdmissionPolicyBinding"):   mutatingadmissionpolicybinding.NewStrategy(nil, nil, unresolved),
	in("admissionregistration.k8s.io", "MutatingWebhookConfiguration"):     mutatingwebhookconfiguration.Strategy,
	in("admissionregistration.k8s.io", "ValidatingWebhookConfiguration"):   validatingwebhookconfiguration.Strategy,
	in("admissionregistration.k8s.io", "ValidatingAdmissionPolicy"):        validatingadmissionpolicy.NewStrategy(nil, nil),
	in("admissionregistration.k8s.io", "ValidatingAdmissionPolicyBinding"): validatingadmissionpolicybinding.NewStrategy(nil, nil, unresolved),

	in("apiextensions.k8s.io", "CustomResourceDefinition"): customresourcedefinition.NewStrategy(legacyscheme.Scheme),
	in("apiregistration.k8s.io", "APIService"):             apiservice.NewStrategy(legacyscheme.Scheme),
}

// unresolved is asked by nobody: who authorizes all needs no kinds of parameters.
var unresolved = resolver.ResourceResolverFunc(func(schema.GroupVersionKind) (schema.GroupVersionResource, error) {
	return schema.GroupVersionResource{}, errors.ErrUnsupported
})
