package cluster

import (
	"context"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/object"
)

// whyStays says what holds a live object that is to go: its finalizers, and what a
// Namespace or a CRD says of what is still in it. It is "" or goes after a clause.
func whyStays(live map[string]any) string {
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

// holders names, of a CRD that does not go, an object of it that does not, with what
// holds that one. It is "" for other kinds, and where nothing can be found out.
func (c *Cluster) holders(ctx context.Context, ref api.Ref, live map[string]any) string {
	if !ref.Is("apiextensions.k8s.io", "CustomResourceDefinition") {
		return ""
	}
	items, err := c.instances(ctx, live)
	if err != nil {
		return "; its objects cannot be listed: " + object.OneLine(err.Error())
	}
	for _, item := range items {
		if why := object.Finalizers(item); why != "" {
			return "; " + instance(live, item).String() + " is not gone" + why
		}
	}
	return ""
}

// instances are the objects of a CRD, their metadata, at most maxInstances. Where a
// version cannot be listed, because nothing converts to it, others are tried.
func (c *Cluster) instances(ctx context.Context, crd map[string]any) ([]map[string]any, error) {
	var last error
	for _, v := range object.List(crd, "spec", "versions") {
		if v["served"] != true {
			continue
		}
		r := api.Resource{Group: object.Text(crd, "spec", "group"), Version: object.Text(v, "name"), Plural: object.Text(crd, "spec", "names", "plural")}
		items, err := c.ListMetadata(ctx, r, "", metav1.ListOptions{Limit: maxInstances})
		if err == nil {
			return items.Items, nil
		}
		last = err
	}
	return nil, last
}

const maxInstances = 500

// instance names an object of a CRD.
func instance(crd, item map[string]any) api.Ref {
	return api.Ref{
		APIVersion: object.Text(crd, "spec", "group") + "/v1", Kind: object.Text(crd, "spec", "names", "kind"),
		Namespace: object.Text(item, "metadata", "namespace"), Name: object.Text(item, "metadata", "name"),
	}
}
