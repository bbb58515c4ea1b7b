package ready

import (
	"context"
	"errors"
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/object"
)

// templateOf narrows the selector of a workload to the pods that are made from its
// template as it is now. What is wrong with older ones is not why it does not become
// ready, as they go: a crash that an upgrade mends must not make the upgrade fail.
// It is "" as long as the controller has not seen the template.
//
// A StatefulSet is left alone, because it does wait for the older ones.
func templateOf(ctx context.Context, c *api.Client, ref api.Ref, live map[string]any, selector string) (string, error) {
	if selector == "" || !ref.Is("apps", "Deployment", "DaemonSet") {
		return selector, nil
	}
	if object.Number(live, "status", "observedGeneration") != object.Number(live, "metadata", "generation") {
		return "", nil
	}
	if ref.Is("apps", "DaemonSet") {
		if g := object.Text(live, "metadata", "annotations", "deprecated.daemonset.template.generation"); g != "" {
			selector += ",pod-template-generation=" + g
		}
		return selector, nil
	}
	hash, err := templateHash(ctx, c, ref, live, selector)
	switch {
	case errors.Is(err, api.ErrForbidden):
		return selector, nil
	case err != nil || hash == "":
		return "", err
	}
	return selector + ",pod-template-hash=" + hash, nil
}

// templateHash is what marks the newest ReplicaSet of a Deployment, and its pods.
func templateHash(ctx context.Context, c *api.Client, ref api.Ref, deployment map[string]any, selector string) (string, error) {
	const revision = "deployment.kubernetes.io/revision"
	page, err := c.ListObjects(ctx, api.ReplicaSets, ref.Namespace, metav1.ListOptions{LabelSelector: selector})
	if err != nil {
		return "", fmt.Errorf("looking at ReplicaSets: %w", err)
	}
	for _, set := range page.Items {
		if owned(set, deployment) && object.Text(set, "metadata", "annotations", revision) == object.Text(deployment, "metadata", "annotations", revision) {
			return object.Text(set, "metadata", "labels", "pod-template-hash"), nil
		}
	}
	return "", nil
}

// owned tells whether an object was made by another.
func owned(o, by map[string]any) bool {
	for _, owner := range object.List(o, "metadata", "ownerReferences") {
		if object.Text(owner, "uid") == object.Text(by, "metadata", "uid") {
			return true
		}
	}
	return false
}
