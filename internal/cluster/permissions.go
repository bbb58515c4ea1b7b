package cluster

import (
	"slices"
	"strings"
)

// permissions are those that a change of an RBAC object gives: rules of roles,
// and subjects of bindings.
func permissions(ref Ref, before, after map[string]any) []Note {
	if !isGrant(ref) {
		return nil
	}
	had := grants(before)
	var notes []Note
	for _, g := range grants(after) {
		if !slices.Contains(had, g) {
			notes = append(notes, Note{Ref: ref, Text: g, Wide: ref.Namespace == ""})
		}
	}
	return notes
}

// isGrant tells whether objects of the kind give permissions.
func isGrant(r Ref) bool {
	return r.is("rbac.authorization.k8s.io", "Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding")
}

// grants says in words what an RBAC object gives, one text for each rule or
// subject.
func grants(o map[string]any) []string {
	var found []string
	for _, rule := range list(o, "rules") {
		found = append(found, ruleText(rule))
	}
	for _, s := range list(o, "subjects") {
		who := text(s, "kind") + " " + text(s, "name")
		if ns := text(s, "namespace"); ns != "" {
			who = text(s, "kind") + " " + ns + "/" + text(s, "name")
		}
		found = append(found, who+" gets "+text(o, "roleRef", "kind")+" "+text(o, "roleRef", "name"))
	}
	return found
}

// ruleText says a rule in words, as in "get, list of pods, deployments.apps
// named web".
func ruleText(rule map[string]any) string {
	verbs := strings.Join(texts(rule, "verbs"), ", ")
	if urls := texts(rule, "nonResourceURLs"); len(urls) > 0 {
		return verbs + " of " + strings.Join(urls, ", ")
	}
	var what []string
	for _, group := range texts(rule, "apiGroups") {
		for _, resource := range texts(rule, "resources") {
			if group != "" {
				resource += "." + group
			}
			what = append(what, resource)
		}
	}
	out := verbs + " of " + strings.Join(what, ", ")
	if names := texts(rule, "resourceNames"); len(names) > 0 {
		out += " named " + strings.Join(names, ", ")
	}
	return out
}
