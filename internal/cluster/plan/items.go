package plan

import (
	"encoding/json"
	"fmt"

	"k8s.io/apimachinery/pkg/runtime"

	"github.com/kpm-sh/kpm/internal/cluster/api"
)

// Items is what the installation has while the plan is under way, or with
// done not nil what it has when all is done: uids by key of what was applied.
func (p *Plan) Items(done map[string]string) []api.Item {
	var items []api.Item
	for _, e := range p.Entries {
		item := api.Item{Ref: e.Ref, UID: e.UID, Planned: e.Action == Added || e.Action == Replaced}
		if applied, ok := done[e.Key()]; ok {
			item.UID, item.Planned = applied, false
		}
		if e.Action == Kept && item.UID == "" {
			continue // not ours
		}
		if e.Shared && item.UID == "" {
			continue // nothing of it is ours
		}
		items = append(items, item)
	}
	return items
}

// Manifests are the objects of the plan as they are applied. A Secret in another
// namespace is not copied to ours: its values are left out.
func (p *Plan) Manifests() ([]json.RawMessage, error) {
	var all []json.RawMessage
	for _, e := range p.Entries {
		d, ok := p.objects[e.Key()]
		if !ok {
			continue
		}
		value := unmarked(d.value)
		if e.Is("", "Secret") && e.Namespace != p.Installation.Namespace {
			value = runtime.DeepCopyJSON(value)
			delete(value, "data")
		}
		text, err := json.Marshal(value)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", e.Ref, err)
		}
		all = append(all, text)
	}
	return all, nil
}

// Digests are those of the revisions that objects confirm when the plan is applied, the
// next one's among them.
func (p *Plan) Digests() map[int]string { return p.digests }

// Uninstall tells whether the plan removes the whole installation.
func (p *Plan) Uninstall() bool { return p.uninstall }
