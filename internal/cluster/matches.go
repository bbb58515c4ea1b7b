package cluster

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/kpm-sh/kpm/internal/manifest"
)

// Matches tells whether objects are, as they would be applied, those that a record
// says were applied.
func (c *Cluster) Matches(ctx context.Context, objects []manifest.Object, i Installation, r *Record) (bool, error) {
	wanted, refused, err := c.desire(ctx, objects, Request{Installation: i})
	if err != nil || len(refused) > 0 {
		return false, err
	}
	p := &Plan{Installation: i, objects: map[string]*desired{}}
	for _, d := range wanted {
		p.objects[d.ref.key()] = d
		p.Entries = append(p.Entries, Entry{Ref: d.ref})
	}
	return slices.Equal(sortedTexts(p.manifests()), sortedTexts(r.Manifests)), nil
}

func sortedTexts(manifests []json.RawMessage) []string {
	all := make([]string, len(manifests))
	for i, m := range manifests {
		all[i] = string(m)
	}
	slices.Sort(all)
	return all
}
