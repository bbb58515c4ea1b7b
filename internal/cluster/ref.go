package cluster

import (
	"cmp"
	"strings"
)

// Ref names an object.
type Ref struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	Namespace  string `json:"namespace,omitempty"` // "" for cluster-scoped objects
	Name       string `json:"name"`
}

// String names the object for people, as in "Deployment web/nginx".
func (r Ref) String() string {
	if r.Namespace == "" {
		return r.Kind + " " + r.Name
	}
	return r.Kind + " " + r.Namespace + "/" + r.Name
}

// Arg is how a user names the object in a flag: KIND/NAME, or
// KIND/NAMESPACE/NAME.
func (r Ref) Arg() string {
	return strings.ToLower(strings.ReplaceAll(r.String(), " ", "/"))
}

func (r Ref) group() string {
	group, _ := splitVersion(r.APIVersion)
	return group
}

// key identifies the object whatever the version of its API.
func (r Ref) key() string {
	return r.group() + "|" + r.Kind + "|" + r.Namespace + "|" + r.Name
}

// is tells kinds of Kubernetes' own groups from those that share their name.
func (r Ref) is(group string, names ...string) bool {
	if r.group() != group {
		return false
	}
	for _, name := range names {
		if r.Kind == name {
			return true
		}
	}
	return false
}

func compareRefs(a, b Ref) int {
	return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name), cmp.Compare(a.APIVersion, b.APIVersion))
}
