package cluster

import (
	"context"
	"fmt"
	"reflect"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/manifest"
)

// Differing are those of objects that others has not, or not so.
func Differing(objects, others []manifest.Object) []manifest.Object {
	type id struct{ apiVersion, kind, namespace, name string }
	key := func(o manifest.Object) id { return id{o.APIVersion, o.Kind, o.Namespace, o.Name} }
	same := map[id]any{}
	for _, o := range others {
		same[key(o)] = o.Value
	}
	var found []manifest.Object
	for _, o := range objects {
		if other, ok := same[key(o)]; !ok || !reflect.DeepEqual(other, any(o.Value)) {
			found = append(found, o)
		}
	}
	return found
}

// AsMade compares objects with what is live: there counts those that are, and differs
// says of each that is not as it was made, by one of items, why.
func (c *Cluster) AsMade(ctx context.Context, objects []manifest.Object, r Request, items []api.Item) (there int, differs []string, err error) {
	plan, err := c.Diff(ctx, objects, r)
	if err != nil {
		return 0, nil, err
	}
	for _, e := range plan.Entries {
		if _, wanted := plan.objects[e.Key()]; !wanted {
			continue
		}
		switch {
		case e.Action == Added:
			differs = append(differs, fmt.Sprintf("%s is not there", e.Ref))
			continue
		case e.Action != Unchanged:
			differs = append(differs, fmt.Sprintf("%s is not as the hook made it", e.Ref))
		case !noted(items, e):
			differs = append(differs, fmt.Sprintf("%s is another object than the recorded one", e.Ref))
		}
		there++
	}
	for _, refusal := range plan.Refusals {
		there++
		differs = append(differs, refusal.String())
	}
	return there, differs, nil
}

func noted(items []api.Item, e Entry) bool {
	for _, item := range items {
		if item.Key() == e.Key() && item.UID != "" && item.UID == e.UID {
			return true
		}
	}
	return false
}
