package ready

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/object"
)

// Image is an image that containers run. Both texts are foreign.
type Image struct {
	Image  string `json:"image"`            // as the pod names it
	Digest string `json:"digest,omitempty"` // what the node has pulled for it, "sha256:…"; "" when the node does not say
}

// Images are the images that the pods of workloads run, as their nodes report
// them: sorted, each once. Pods that we may not read are left out.
func Images(ctx context.Context, c *api.Client, objects []api.Ref) ([]Image, error) {
	var found []Image
	for _, ref := range objects {
		if !hasPods(ref) {
			continue
		}
		pods, err := podsAt(ctx, c, ref)
		switch {
		case errors.Is(err, api.ErrForbidden) || errors.Is(err, api.ErrNotFound):
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

func hasPods(ref api.Ref) bool {
	return ref.Is("", "Pod", "ReplicationController") || ref.Is("batch", "Job") ||
		ref.Is("apps", "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet")
}

// podsAt are the pods of a workload, which is read first.
func podsAt(ctx context.Context, c *api.Client, ref api.Ref) ([]map[string]any, error) {
	live, err := c.Find(ctx, ref)
	if err != nil || live == nil {
		return nil, err
	}
	return podsOf(ctx, c, ref, live)
}

// imagesOf are the images of a pod's containers: what its specification says, with
// the digest that its status says. A node names an image without a repository by
// the digest of its configuration, which nobody could pull: that is left out.
func imagesOf(pod map[string]any) []Image {
	named := map[string]string{}
	for _, field := range []string{"initContainers", "containers"} {
		for _, c := range object.List(pod, "spec", field) {
			named[object.Text(c, "name")] = object.Text(c, "image")
		}
	}
	var found []Image
	for _, field := range []string{"initContainerStatuses", "containerStatuses"} {
		for _, s := range object.List(pod, "status", field) {
			_, digest, _ := strings.Cut(object.Text(s, "imageID"), "@")
			found = append(found, Image{Image: cmp.Or(named[object.Text(s, "name")], object.Text(s, "image")), Digest: digest})
		}
	}
	return found
}
