package client

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/kpm-sh/kpm/internal/cluster"
	"github.com/kpm-sh/kpm/internal/render"
)

// secrets are the values that no message shows: those of the user and of the hook,
// and those of all records whose objects may be in the cluster.
func (in *Installing) secrets() []string {
	all := texts(in.hook.under(in.own))
	if in.before != nil {
		all = append(all, valuesOf(in.before)...)
	}
	for _, r := range in.state.Records() {
		all = append(all, valuesOf(r)...)
	}
	return all
}

// secrets hides the values of records.
func secrets(records ...*cluster.Record) *cluster.Mask {
	mask := &cluster.Mask{}
	for _, r := range records {
		mask.Hide(valuesOf(r)...)
	}
	return mask
}

// valuesOf are the values of a record: the user's own, those of its hook, and those
// of the Secrets that were applied.
func valuesOf(r *cluster.Record) []string {
	var all []string
	if l, err := render.ParseValues("values", r.Overrides); err == nil {
		all = texts([]render.Layer{l})
	}
	var hook hooked
	if hook.took(filesOf(r.HookFiles)) == nil {
		all = append(all, texts(hook.under(nil))...)
	}
	for _, raw := range r.Manifests {
		var o struct {
			Kind string            `json:"kind"`
			Data map[string]string `json:"data"`
		}
		if json.Unmarshal(raw, &o) == nil && o.Kind == "Secret" {
			all = slices.AppendSeq(all, maps.Values(o.Data))
		}
	}
	return all
}

// texts are all texts and numbers in layers: values that messages must not show.
func texts(layers []render.Layer) []string {
	var all []string
	var walk func(any)
	walk = func(v any) {
		switch v := v.(type) {
		case string:
			all = append(all, v)
		case int, float64:
			all = append(all, fmt.Sprint(v))
		case []any:
			for _, item := range v {
				walk(item)
			}
		case render.Values:
			for _, item := range v {
				walk(item)
			}
		}
	}
	for _, l := range layers {
		walk(l.Values)
	}
	return all
}
