package cluster

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
)

// LabelTest marks the Jobs and Pods of a test, which are the installation's and in
// none of its records.
const LabelTest = "kpm.sh/test"

// testKinds are the kinds that a test may be.
var testKinds = []Resource{
	{Group: "batch", Version: "v1", Kind: "Job", Plural: "jobs", Namespaced: true},
	{Version: "v1", Kind: "Pod", Plural: "pods", Namespaced: true},
}

// RemoveTests deletes the tests of an installation: the Jobs and Pods in its
// namespace that carry its labels and that of a test. It returns what it deleted,
// which may take a while to go. What we may not list is not ours.
func (c *Cluster) RemoveTests(ctx context.Context, i Installation) ([]Ref, error) {
	var gone []Ref
	for _, r := range testKinds {
		items, err := c.metadataOf(ctx, r, i.Namespace, url.Values{
			"labelSelector": {LabelInstallation + "=" + i.Name + "," + LabelNamespace + "=" + i.Namespace + "," + LabelTest},
		})
		if errors.Is(err, ErrForbidden) {
			continue
		}
		if err != nil {
			return gone, fmt.Errorf("looking for tests of %s: %w", i, err)
		}
		for _, item := range items {
			ref := Ref{APIVersion: joinVersion(r.Group, r.Version), Kind: r.Kind, Namespace: i.Namespace, Name: text(item, "metadata", "name")}
			if err := c.removeTest(ctx, r, ref, text(item, "metadata", "uid")); err != nil {
				return gone, fmt.Errorf("deleting %s: %w", ref, err)
			}
			gone = append(gone, ref)
		}
	}
	return gone, nil
}

func (c *Cluster) removeTest(ctx context.Context, r Resource, ref Ref, uid string) error {
	_, err := c.do(ctx, request{method: http.MethodDelete, path: r.path(ref.Namespace, ref.Name), body: map[string]any{
		"apiVersion": "v1", "kind": "DeleteOptions", "propagationPolicy": "Background", "preconditions": map[string]any{"uid": uid},
	}})
	if errors.Is(err, ErrNotFound) || errors.Is(err, ErrConflict) { // gone, or another object by now
		return nil
	}
	return err
}
