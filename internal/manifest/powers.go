package manifest

import (
	"slices"
	"strings"
)

// Powers says in words by what of o its pods, or whoever uses its roles, could take
// over the cluster or a node of it: rules over Secrets, rights or everything in every
// namespace, pods that reach into their node, webhooks over other namespaces than
// the one that o is installed in.
func Powers(o Object, namespace string) []string {
	found := append(reach(o), strongGrants(o)...)
	for _, hook := range entries(o.Value, "webhooks") {
		if strings.HasSuffix(o.Kind, "WebhookConfiguration") && !onlyIn(hook, namespace) {
			found = append(found, "decides over requests in other namespaces")
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// reach is what of hostAccess gives the node away.
func reach(o Object) []string {
	harmless := func(text string) bool {
		capability, ok := strings.CutPrefix(text, capable)
		return ok && !slices.Contains([]string{"ALL", "SYS_ADMIN", "SYS_MODULE", "SYS_PTRACE", "BPF"}, strings.TrimPrefix(capability, "CAP_"))
	}
	return slices.DeleteFunc(hostAccess(o), harmless)
}

// strongGrants are rights in every namespace with which one gets all others.
func strongGrants(o Object) []string {
	if GroupOf(o.APIVersion) != rbac || !strings.HasPrefix(o.Kind, "Cluster") {
		return nil
	}
	var found []string
	for _, rule := range entries(o.Value, "rules") {
		if strong(rule) {
			found = append(found, "may "+ruleText(rule)+" in every namespace")
		}
	}
	ref := Mapping(o.Value, "roleRef")
	if name, ok := ref["name"].(string); ok && slices.Contains([]string{"cluster-admin", "admin", "edit"}, name) {
		found = append(found, "gets the cluster's role "+name+" in every namespace")
	}
	return found
}

// strong tells whether a rule is over Secrets, over rights or over everything of a
// group that has these.
func strong(rule map[string]any) bool {
	resources := texts(rule["resources"])
	all := slices.Contains(resources, "*")
	for _, group := range texts(rule["apiGroups"]) {
		switch {
		case (group == "*" || group == rbac) && len(resources) > 0, group == "" && (all || slices.Contains(resources, "secrets")):
			return true
		}
	}
	return false
}

// onlyIn tells whether a webhook is asked about one namespace alone.
func onlyIn(hook map[string]any, namespace string) bool {
	labels := Mapping(hook, "namespaceSelector", "matchLabels")
	return namespace != "" && labels["kubernetes.io/metadata.name"] == namespace
}
