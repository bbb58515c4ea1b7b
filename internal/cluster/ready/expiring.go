package ready

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/object"
)

// Expires tells whether an object goes by itself when it has ended, as a Job with
// ttlSecondsAfterFinished does.
func Expires(o map[string]any) bool {
	ref := api.Ref{APIVersion: object.Text(o, "apiVersion"), Kind: object.Text(o, "kind")}
	return ref.Is("batch", "Job") && object.Map(o, "spec")["ttlSecondsAfterFinished"] != nil
}

// Expiring are those of some objects, in JSON, that go by themselves when they have
// ended: nothing is amiss when they are not there.
func Expiring(manifests []json.RawMessage) []api.Ref {
	var found []api.Ref
	for _, m := range manifests {
		var o map[string]any
		if json.Unmarshal(m, &o) == nil && Expires(o) {
			found = append(found, api.Ref{
				APIVersion: object.Text(o, "apiVersion"), Kind: object.Text(o, "kind"),
				Namespace: object.Text(o, "metadata", "namespace"), Name: object.Text(o, "metadata", "name"),
			})
		}
	}
	return found
}

// completed tells whether the last that is known of a Job is that it has
// completed. It is for one that is gone.
func completed(ctx context.Context, c *api.Client, ref api.Ref) bool {
	found, err := c.Events(ctx, ref.Namespace, "involvedObject.kind=Job,involvedObject.name="+ref.Name)
	if err != nil || len(found) == 0 {
		return false
	}
	last := slices.MaxFunc(found, func(a, b api.Event) int { return strings.Compare(a.Time(), b.Time()) })
	return last.Reason == "Completed"
}
