package plan

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	utiljson "k8s.io/apimachinery/pkg/util/json"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/manifest"
)

// Matches tells whether objects are, as they would be applied, those that were applied.
func Matches(ctx context.Context, c *api.Client, objects []manifest.Object, i api.Installation, applied []json.RawMessage) (bool, error) {
	wanted, refused, err := makeDesired(ctx, c, objects, Request{Installation: i})
	if err != nil || len(refused) > 0 {
		return false, err
	}
	p := &Plan{Installation: i, objects: map[string]*desired{}}
	for _, d := range wanted {
		p.objects[d.ref.Key()] = d
		p.Entries = append(p.Entries, Entry{Ref: d.ref})
	}
	manifests, err := p.Manifests()
	if err != nil {
		return false, err
	}
	now, err := inOneForm(manifests)
	if err != nil {
		return false, err
	}
	then, err := inOneForm(applied)
	return slices.Equal(now, then), err
}

// inOneForm are manifests in an order of their own, each written in the same way: a
// record may spell a text in another way than we do.
func inOneForm(manifests []json.RawMessage) ([]string, error) {
	all := make([]string, len(manifests))
	for i, m := range manifests {
		var v any
		if err := utiljson.Unmarshal(m, &v); err != nil {
			return nil, fmt.Errorf("reading what was applied: %w", err)
		}
		text, err := json.Marshal(v)
		if err != nil {
			return nil, err
		}
		all[i] = string(text)
	}
	slices.Sort(all)
	return all, nil
}

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

// Diff compares what is live with what objects want. It takes for granted that
// fields may be taken from others, so that edits by others show as changes; it
// is not to be applied.
func Diff(ctx context.Context, c *api.Client, objects []manifest.Object, r Request) (*Plan, error) {
	r.ForceConflicts, r.AllowClusterScoped = true, true
	// Without the annotation that all is applied with, the server would take away those
	// beside it that nobody has, as admission's.
	r.Next = &Next{Inputs: "compared", Seal: func(int, []json.RawMessage, map[int]string) string { return "compared" }}
	if r.Recorded != nil {
		accepted := *r.Recorded
		accepted.Accepted, r.Recorded = true, &accepted
	}
	return New(ctx, c, objects, r)
}
