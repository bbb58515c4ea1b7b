package ready

import (
	"context"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/object"
)

// Held says what holds a live object that is to go: its finalizers, and what a
// Namespace or a CRD says of what is still in it. It is "" or goes after a clause.
func Held(live map[string]any) string {
	why := object.Finalizers(live)
	for _, c := range object.List(live, "status", "conditions") {
		if says := object.OneLine(object.Text(c, "message")); holds(c) && says != "" {
			why += "; " + strings.TrimSuffix(says, ".")
		}
	}
	return why
}

// holds tells whether a condition is one of those that Kubernetes gives for an object
// that does not go: a Namespace has them of what remains in it and of what could not
// be deleted, a CRD of its objects.
func holds(condition map[string]any) bool {
	if object.Text(condition, "status") != "True" {
		return false
	}
	switch object.Text(condition, "type") {
	case "NamespaceDeletionDiscoveryFailure", "NamespaceDeletionGroupVersionParsingFailure", "NamespaceDeletionContentFailure",
		"NamespaceContentRemaining", "NamespaceFinalizersRemaining", "Terminating":
		return true
	}
	return false
}

// heldInstance names, of a CRD that does not go, an object of it that does not, with
// what holds that one. It is "" for other kinds, and where nothing can be found out.
func heldInstance(ctx context.Context, c *api.Client, ref api.Ref, live map[string]any) string {
	if !ref.Is("apiextensions.k8s.io", "CustomResourceDefinition") {
		return ""
	}
	instances, err := Instances(ctx, c, live)
	if err != nil {
		return "; its objects cannot be listed: " + object.OneLine(err.Error())
	}
	for _, i := range instances {
		if why := object.Finalizers(i.Metadata); why != "" {
			return "; " + i.String() + " is not gone" + why
		}
	}
	return ""
}

// Instance is an object of a CRD.
type Instance struct {
	api.Ref
	Metadata map[string]any // the object without all else
}

// maxInstances bounds the objects of one CRD that are listed.
const maxInstances = 500

// Instances are the objects of a CRD, at most maxInstances. Where a version cannot be
// listed, because nothing converts to it, others are tried.
func Instances(ctx context.Context, c *api.Client, crd map[string]any) ([]Instance, error) {
	var last error
	for _, v := range object.List(crd, "spec", "versions") {
		if v["served"] != true {
			continue
		}
		r := api.Resource{
			Group: object.Text(crd, "spec", "group"), Version: object.Text(v, "name"),
			Kind: object.Text(crd, "spec", "names", "kind"), Plural: object.Text(crd, "spec", "names", "plural"),
		}
		list, err := c.ListMetadata(ctx, r, "", metav1.ListOptions{Limit: maxInstances})
		if err != nil {
			last = err
			continue
		}
		var all []Instance
		for _, o := range list.Items {
			all = append(all, Instance{r.RefTo(object.Text(o, "metadata", "namespace"), object.Text(o, "metadata", "name")), o})
		}
		return all, nil
	}
	return nil, last
}
