package admit

import (
	"fmt"
	"strings"
)

// fieldResource is a resource of a container that it can be told.
func fieldResource(s string) string {
	_, name, _ := strings.Cut(s, ".")
	if (strings.HasPrefix(s, "limits.") || strings.HasPrefix(s, "requests.")) && standard(name) {
		return ""
	}
	return fmt.Sprintf("is %s, and may be limits or requests of cpu, memory, ephemeral-storage, as in limits.cpu", short(s))
}
