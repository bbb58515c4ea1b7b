package cluster

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
)

// Image is an image that containers run. Both texts are foreign.
type Image struct {
	Image  string `json:"image"`            // as the pod names it
	Digest string `json:"digest,omitempty"` // what the node has pulled for it, "sha256:…"; "" when the node does not say
}

// Images are the images that the pods of workloads run, as their nodes report
// them: sorted, each once. Pods that we may not read are left out.
func (c *Cluster) Images(ctx context.Context, objects []Ref) ([]Image, error) {
	var found []Image
	for _, ref := range objects {
		if !hasPods(ref) {
			continue
		}
		pods, err := c.podsAt(ctx, ref)
		switch {
		case errors.Is(err, ErrForbidden) || errors.Is(err, ErrNotFound):
			continue
		case err != nil:
			return nil, err
		}
		for _, pod := range pods {
			found = append(found, imagesOf(pod)...)
		}
	}
	slices.SortFunc(found, func(a, b Image) int {
		return cmp.Or(strings.Compare(a.Image, b.Image), strings.Compare(a.Digest, b.Digest))
	})
	return slices.Compact(found), nil
}

func hasPods(ref Ref) bool {
	return ref.is("", "Pod", "ReplicationController") || ref.is("batch", "Job") ||
		ref.is("apps", "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet")
}

// podsAt are the pods of a workload that is looked up first.
func (c *Cluster) podsAt(ctx context.Context, ref Ref) ([]map[string]any, error) {
	live, err := c.find(ctx, ref)
	if err != nil || live == nil {
		return nil, err
	}
	return c.podsOf(ctx, ref, live)
}

// imagesOf are the images of a pod's containers: what its specification says, with
// the digest that its status says. A node names an image without a repository by
// the digest of its configuration, which nobody could pull: that is left out.
func imagesOf(pod map[string]any) []Image {
	named := map[string]string{}
	for _, field := range []string{"initContainers", "containers"} {
		for _, c := range list(pod, "spec", field) {
			named[text(c, "name")] = text(c, "image")
		}
	}
	var found []Image
	for _, field := range []string{"initContainerStatuses", "containerStatuses"} {
		for _, s := range list(pod, "status", field) {
			_, digest, _ := strings.Cut(text(s, "imageID"), "@")
			found = append(found, Image{Image: cmp.Or(named[text(s, "name")], text(s, "image")), Digest: digest})
		}
	}
	return found
}
