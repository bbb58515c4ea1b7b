package client

import (
	"encoding/json"
	"maps"
	"slices"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/history"
	"github.com/kpm-sh/kpm/internal/render"
)

// secrets are the values that no message shows: those of the user and of the hook,
// what templates made of them, and those of all records whose objects may be in the
// cluster. The names of the installation are none, also where a value says them too.
func (c change) secrets(made derivations) []string {
	s, p := c.source, c.prepared
	all := append(texts(p.hook.under(p.from.values.all)), made.texts...)
	if s.last != nil {
		all = append(all, valuesOf(s.last)...)
	}
	if s.past != nil {
		all = append(all, valuesOf(s.past.record)...)
	}
	for _, r := range s.state.Records() {
		all = append(all, valuesOf(r)...)
	}
	return withoutNames(s.ID, all)
}

// secrets hides the values of the records of an installation.
func secrets(id api.Installation, records ...*history.Record) *api.Mask {
	mask := &api.Mask{}
	for _, r := range records {
		mask.Hide(withoutNames(id, valuesOf(r))...)
	}
	return mask
}

// withoutNames are texts without the names of an installation, which hide nothing.
func withoutNames(id api.Installation, all []string) []string {
	return slices.DeleteFunc(all, func(text string) bool { return text == id.Namespace || text == id.Name })
}

// valuesOf are the values of a record: the user's own, those of its hook, what
// templates made of them, and those of the Secrets that were applied.
func valuesOf(r *history.Record) []string {
	var all []string
	if l, err := render.ParseValues("values", r.Overrides); err == nil {
		all = texts([]render.Layer{l})
	}
	if h, err := (hooked{}).with(filesOf(r.HookFiles)); err == nil {
		all = append(all, texts(h.under(nil))...)
	}
	derived := pointersOf(r.Derived)
	for _, raw := range r.Manifests {
		var o struct {
			APIVersion string `json:"apiVersion"`
			Kind       string `json:"kind"`
			Metadata   struct{ Name string }
			Data       map[string]string `json:"data"`
		}
		if json.Unmarshal(raw, &o) == nil && o.Kind == "Secret" {
			all = slices.AppendSeq(all, maps.Values(o.Data))
		}
		if pointers := derived[objectKey{o.APIVersion, o.Kind, o.Metadata.Name}]; pointers != nil {
			var object map[string]any
			if json.Unmarshal(raw, &object) == nil {
				all = append(all, textsAt(object, pointers)...)
			}
		}
	}
	return all
}

// objectKey tells objects of a record apart, but for their namespaces.
type objectKey struct{ apiVersion, kind, name string }

// pointersOf are places by the objects that they are in.
func pointersOf(places []history.Place) map[objectKey]map[string]bool {
	all := map[objectKey]map[string]bool{}
	for _, p := range places {
		key := objectKey{p.APIVersion, p.Kind, p.Name}
		if all[key] == nil {
			all[key] = map[string]bool{}
		}
		all[key][p.Pointer] = true
	}
	return all
}
