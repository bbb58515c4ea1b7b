package admit

import (
	"fmt"
	"regexp"
	"strings"
)

var keyed = regexp.MustCompile(`^metadata\.(labels|annotations)\['.+'\]$`)

// fieldPath is a field of a pod that its containers and volumes can be given.
func fieldPath(s string) string {
	const known = " metadata.name metadata.namespace metadata.uid metadata.labels metadata.annotations spec.nodeName spec.serviceAccountName " +
		"spec.restartPolicy spec.schedulerName status.phase status.hostIP status.hostIPs status.podIP status.podIPs "
	if strings.Contains(known, " "+s+" ") || keyed.MatchString(s) {
		return ""
	}
	return fmt.Sprintf("is %s, and may be metadata.name, metadata.namespace, metadata.uid, metadata.labels['KEY'], metadata.annotations['KEY'], spec.nodeName, spec.serviceAccountName, status.hostIP, status.podIP", short(s))
}

// fieldResource is a resource of a container that it can be told.
func fieldResource(s string) string {
	_, name, _ := strings.Cut(s, ".")
	if (strings.HasPrefix(s, "limits.") || strings.HasPrefix(s, "requests.")) && standard(name) {
		return ""
	}
	return fmt.Sprintf("is %s, and may be limits or requests of cpu, memory, ephemeral-storage, as in limits.cpu", short(s))
}
