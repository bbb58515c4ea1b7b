package admit

import "github.com/kpm-sh/kpm/internal/kinds"

// knownAs is what a field that a type does not have is called there, where no likeness of
// the names says it.
func knownAs(of, key string) string {
	switch of + " " + key {
	case "StatefulSetSpec strategy", "DaemonSetSpec strategy":
		return "write updateStrategy"
	case "DeploymentSpec updateStrategy":
		return "write strategy"
	case "SecretVolumeSource name":
		return "write secretName"
	case "SecretProjection secretName", "ConfigMapVolumeSource configMapName", "ConfigMapProjection configMapName":
		return "write name"
	case "PersistentVolumeClaimVolumeSource name":
		return "write claimName"
	}
	switch {
	case of == "SecurityContext" && isField("core.v1.PodSecurityContext", key):
		return "it belongs into the securityContext of the pod"
	case of == "PodSecurityContext" && isField("core.v1.SecurityContext", key):
		return "it belongs into the securityContext of a container"
	}
	return ""
}

func isField(of, key string) bool {
	t, ok := kinds.TypeOf(of)
	return ok && len(t.Field(key)) > 0
}
