package plan

import (
	"context"
	"fmt"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/manifest"
)

// AsMade compares objects with what is live: there counts those that are, and differs
// says of each that is not as it was made, by one of items, why.
func AsMade(ctx context.Context, c *api.Client, objects []manifest.Object, r Request, items []api.Item) (there int, differs []string, err error) {
	plan, err := Diff(ctx, c, objects, r)
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
