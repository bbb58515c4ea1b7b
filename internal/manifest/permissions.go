package manifest

import (
	"slices"
	"strings"
)

// Permissions says in words what o asks of a cluster beyond running in its
// namespace: rights that it gives (RBAC), objects of the whole cluster, and
// what its pods may do to their node. Sorted, each once.
func Permissions(o Object) []string {
	found := append(grants(o), hostAccess(o)...)
	if clusterScoped(o) {
		found = append(found, "makes "+o.Kind+" "+o.Name+", which the whole cluster shares")
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// clusterScoped tells the kinds of Kubernetes' own that lie in no namespace and
// change what others may or get.
func clusterScoped(o Object) bool {
	switch o.Kind {
	case "Namespace", "CustomResourceDefinition", "ClusterRole", "ClusterRoleBinding", "StorageClass", "PriorityClass",
		"APIService", "MutatingWebhookConfiguration", "ValidatingWebhookConfiguration", "PersistentVolume", "IngressClass",
		"RuntimeClass", "ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding", "MutatingAdmissionPolicy", "MutatingAdmissionPolicyBinding":
		return true
	}
	return false
}

const rbac = "rbac.authorization.k8s.io"

// grants are the rules of a role and the subjects of a binding.
func grants(o Object) []string {
	if GroupOf(o.APIVersion) != rbac {
		return nil
	}
	where := "in its namespace"
	if strings.HasPrefix(o.Kind, "Cluster") {
		where = "in every namespace"
	}
	var found []string
	for _, rule := range entries(o.Value, "rules") {
		found = append(found, "may "+ruleText(rule)+" "+where)
	}
	ref := Mapping(o.Value, "roleRef")
	if name, ok := ref["name"].(string); ok && ref["kind"] == "ClusterRole" && wellKnown(name) {
		found = append(found, "gets the cluster's role "+name+" "+where)
	}
	return found
}

// wellKnown are the roles that every cluster has.
func wellKnown(role string) bool {
	return slices.Contains([]string{"cluster-admin", "admin", "edit", "view"}, role) || strings.HasPrefix(role, "system:")
}

// ruleText says a rule of a role in words, as in "get, list pods, deployments.apps".
func ruleText(rule map[string]any) string {
	verbs := strings.Join(texts(rule["verbs"]), ", ")
	if urls := texts(rule["nonResourceURLs"]); len(urls) > 0 {
		return verbs + " " + strings.Join(urls, ", ")
	}
	var what []string
	for _, group := range texts(rule["apiGroups"]) {
		for _, resource := range texts(rule["resources"]) {
			if group != "" {
				resource += "." + group
			}
			what = append(what, resource)
		}
	}
	out := verbs + " " + strings.Join(what, ", ")
	if names := texts(rule["resourceNames"]); len(names) > 0 {
		out += " named " + strings.Join(names, ", ")
	}
	return out
}

const capable = "has the capability "

// hostAccess is what the pods of o may do to the node that they run on.
func hostAccess(o Object) []string {
	spec := podSpec(o)
	var found []string
	for _, share := range []struct{ field, text string }{
		{"hostNetwork", "uses the network of its node"},
		{"hostPID", "sees the processes of its node"},
		{"hostIPC", "shares memory with its node"},
	} {
		if spec[share.field] == true {
			found = append(found, share.text)
		}
	}
	for _, v := range entries(spec, "volumes") {
		if path, ok := Mapping(v, "hostPath")["path"].(string); ok {
			found = append(found, "mounts "+path+" of its node")
		}
	}
	for _, list := range []string{"containers", "initContainers"} {
		for _, c := range entries(spec, list) {
			context := Mapping(c, "securityContext")
			if context["privileged"] == true {
				found = append(found, "runs privileged, as the administrator of its node")
			}
			for _, capability := range texts(Mapping(context, "capabilities")["add"]) {
				found = append(found, capable+capability)
			}
		}
	}
	return found
}

// texts are the texts in a list.
func texts(v any) []string {
	list, _ := v.([]any)
	var out []string
	for _, item := range list {
		if s, ok := item.(string); ok {
			out = append(out, s)
		}
	}
	return out
}
