package admit

import (
	"fmt"
	"regexp"
	"strings"
)

var keyed = regexp.MustCompile(`^metadata\.(labels|annotations)\['(.*)'\]$`)

// What of a pod its containers can be given in variables, and its volumes in files; in
// both single labels and annotations, too.
const (
	inVariables = " metadata.name metadata.namespace metadata.uid spec.nodeName spec.serviceAccountName status.hostIP status.hostIPs status.podIP status.podIPs "
	inFiles     = " metadata.name metadata.namespace metadata.uid metadata.labels metadata.annotations "
)

// fieldPath is a field of a pod that its containers and volumes can be given.
func fieldPath(s string) string {
	if m := keyed.FindStringSubmatch(s); m != nil {
		key := m[2]
		if m[1] == "annotations" {
			key = strings.ToLower(key)
		}
		if qualified(key) != "" {
			return fmt.Sprintf("is %s, and no %s can have that key", short(s), strings.TrimSuffix(m[1], "s"))
		}
		return ""
	}
	if strings.Contains(inVariables, " "+s+" ") || strings.Contains(inFiles, " "+s+" ") {
		return ""
	}
	return fmt.Sprintf("is %s, and may be metadata.name, metadata.namespace, metadata.uid, metadata.labels['KEY'], metadata.annotations['KEY'], spec.nodeName, spec.serviceAccountName, status.hostIP, status.podIP", short(s))
}

// given refuses a field of a pod that is known, and cannot be had where it is wanted.
func given(known, where string) check {
	return func(at *path, o object, f *faults) {
		s := o.mapping("fieldRef").text("fieldPath")
		if s != "" && fieldPath(s) == "" && !keyed.MatchString(s) && !strings.Contains(known, " "+s+" ") {
			f.add(at.field("fieldRef").field("fieldPath"), Words, "is %s, and in %s it may be %s", short(s), where, strings.ReplaceAll(strings.TrimSpace(known), " ", ", "))
		}
	}
}

// fieldResource is a resource of a container that it can be told.
func fieldResource(s string) string {
	_, name, _ := strings.Cut(s, ".")
	if (strings.HasPrefix(s, "limits.") || strings.HasPrefix(s, "requests.")) && standard(name) {
		return ""
	}
	return fmt.Sprintf("is %s, and may be limits or requests of cpu, memory, ephemeral-storage, as in limits.cpu", short(s))
}
