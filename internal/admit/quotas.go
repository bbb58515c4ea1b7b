package admit

import "strings"

// counted are the resources of quotas that are no computing.
const counted = " pods services replicationcontrollers resourcequotas secrets configmaps persistentvolumeclaims services.nodeports services.loadbalancers " +
	"cpu memory ephemeral-storage storage limits.cpu limits.memory limits.ephemeral-storage requests.cpu requests.memory requests.storage requests.ephemeral-storage "

// computing are the resources of quotas that pods ask for.
const computing = " pods cpu memory ephemeral-storage requests.cpu requests.memory requests.ephemeral-storage limits.cpu limits.memory limits.ephemeral-storage "

// fitsScope tells whether a scope of quotas counts a resource.
func fitsScope(scope, resource string) bool {
	if !strings.Contains(counted, " "+resource+" ") {
		return true
	}
	switch scope {
	case "BestEffort":
		return resource == "pods"
	case "Terminating", "NotTerminating", "NotBestEffort", "PriorityClass", "CrossNamespacePodAffinity":
		return strings.Contains(computing, " "+resource+" ")
	case "VolumeAttributesClass":
		return resource == "persistentvolumeclaims" || resource == "requests.storage"
	}
	return true
}

// wholeResource tells whether a quota counts a resource in whole numbers.
func wholeResource(name string) bool {
	return strings.Contains(" pods services replicationcontrollers resourcequotas secrets configmaps persistentvolumeclaims services.nodeports services.loadbalancers ", " "+name+" ")
}
