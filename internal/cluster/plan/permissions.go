package plan

import (
	"slices"
	"strings"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/object"
)

// permissions are those that a change of an RBAC object gives: rules of roles,
// and subjects of bindings.
func permissions(ref api.Ref, before, after map[string]any) []Note {
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
func isGrant(r api.Ref) bool {
	return r.Is("rbac.authorization.k8s.io", "Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding")
}

// grants says in words what an RBAC object gives, one text for each rule or
// subject.
func grants(o map[string]any) []string {
	var found []string
	for _, rule := range object.List(o, "rules") {
		found = append(found, ruleText(rule))
	}
	for _, s := range object.List(o, "subjects") {
		who := object.Text(s, "kind") + " " + object.Text(s, "name")
		if ns := object.Text(s, "namespace"); ns != "" {
			who = object.Text(s, "kind") + " " + ns + "/" + object.Text(s, "name")
		}
		found = append(found, who+" gets "+object.Text(o, "roleRef", "kind")+" "+object.Text(o, "roleRef", "name"))
	}
	return found
}

// ruleText says a rule in words, as in "get, list of pods, deployments.apps
// named web".
func ruleText(rule map[string]any) string {
	verbs := strings.Join(object.Texts(rule, "verbs"), ", ")
	if urls := object.Texts(rule, "nonResourceURLs"); len(urls) > 0 {
		return verbs + " of " + strings.Join(urls, ", ")
	}
	var what []string
	for _, group := range object.Texts(rule, "apiGroups") {
		for _, resource := range object.Texts(rule, "resources") {
			if group != "" {
				resource += "." + group
			}
			what = append(what, resource)
		}
	}
	out := verbs + " of " + strings.Join(what, ", ")
	if names := object.Texts(rule, "resourceNames"); len(names) > 0 {
		out += " named " + strings.Join(names, ", ")
	}
	return out
}
