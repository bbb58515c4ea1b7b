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
