package api

import (
	"cmp"
	"fmt"
	"slices"
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

// Group is that of the kind, "" for the core one.
func (r Ref) Group() string {
	group, _ := SplitVersion(r.APIVersion)
	return group
}

// Version is that of the kind, without its group.
func (r Ref) Version() string {
	_, version := SplitVersion(r.APIVersion)
	return version
}

// Key identifies the object whatever the version of its API.
func (r Ref) Key() string {
	return r.Group() + "|" + r.Kind + "|" + r.Namespace + "|" + r.Name
}

// Is tells kinds of Kubernetes' own groups from those that share their name.
func (r Ref) Is(group string, names ...string) bool {
	return r.Group() == group && slices.Contains(names, r.Kind)
}

// Check refuses names that would lead a request to another place.
func (r Ref) Check() error {
	if slices.Contains([]string{r.APIVersion, r.Kind, r.Name}, "") {
		return fmt.Errorf("an object without apiVersion, kind or name: %s", r)
	}
	if !isSegment(r.Name) || (r.Namespace != "" && !isSegment(r.Namespace)) {
		return fmt.Errorf("%q is no name of an object", r)
	}
	return nil
}

// isSegment tells whether a name is one segment of a path, which is what the API
// server wants of all names.
func isSegment(name string) bool {
	return name != "" && name != "." && name != ".." && !strings.ContainsAny(name, "/%\\?#")
}

// Compare orders by kind, namespace, name and apiVersion.
func (r Ref) Compare(o Ref) int {
	return cmp.Or(cmp.Compare(r.Kind, o.Kind), cmp.Compare(r.Namespace, o.Namespace), cmp.Compare(r.Name, o.Name), cmp.Compare(r.APIVersion, o.APIVersion))
}
