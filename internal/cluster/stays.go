package cluster

import "strings"

// whyStays says what holds a live object that is to go: its finalizers, and what a
// Namespace or a CRD says of what is still in it. It is "" or goes after a clause.
func whyStays(live map[string]any) string {
	why := finalizers(live)
	for _, c := range list(live, "status", "conditions") {
		if says := oneLine(text(c, "message")); holds(c) && says != "" {
			why += "; " + strings.TrimSuffix(says, ".")
		}
	}
	return why
}

// holds tells whether a condition is one of those that Kubernetes gives for an object
// that does not go: a Namespace has them of what remains in it and of what could not
// be deleted, a CRD of its objects.
func holds(condition map[string]any) bool {
	if text(condition, "status") != "True" {
		return false
	}
	switch text(condition, "type") {
	case "NamespaceDeletionDiscoveryFailure", "NamespaceDeletionGroupVersionParsingFailure", "NamespaceDeletionContentFailure",
		"NamespaceContentRemaining", "NamespaceFinalizersRemaining", "Terminating":
		return true
	}
	return false
}
