package plan

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/object"
	"github.com/kpm-sh/kpm/internal/manifest"
)

// Change is one field that differs. Before or After is "" where the field is
// not there; otherwise they are JSON, texts without quotes. Values of Secrets
// are masked.
type Change struct {
	Path   string `json:"path"` // as in ".spec.template.spec.containers[name=web].image"
	Before string `json:"before,omitempty"`
	After  string `json:"after,omitempty"`
}

func (c Change) String() string {
	switch {
	case c.Before == "":
		return fmt.Sprintf("+ %s: %s", c.Path, c.After)
	case c.After == "":
		return fmt.Sprintf("- %s: %s", c.Path, c.Before)
	}
	return fmt.Sprintf("~ %s: %s -> %s", c.Path, c.Before, c.After)
}

// differ compares two forms of one object.
type differ struct {
	mask    *api.Mask
	secret  bool
	changes []Change
}

// compare returns how to get from before to after, without what only the server
// writes. Either may be nil.
func compare(ref api.Ref, before, after map[string]any, mask *api.Mask) []Change {
	d := &differ{mask: mask, secret: ref.Is("", "Secret")}
	d.values("", withoutServerFields(before), withoutServerFields(after))
	return d.changes
}

func withoutServerFields(whole map[string]any) map[string]any {
	o := maps.Clone(unmarked(whole))
	delete(o, "status")
	if meta := maps.Clone(object.Map(o, "metadata")); meta != nil {
		for _, field := range []string{"managedFields", "resourceVersion", "generation", "uid", "creationTimestamp", "selfLink"} {
			delete(meta, field)
		}
		o["metadata"] = meta
	}
	return o
}

func (d *differ) values(path string, before, after any) {
	if reflect.DeepEqual(before, after) {
		return
	}
	b, isMap := before.(map[string]any)
	a, isMapToo := after.(map[string]any)
	if isMap && isMapToo {
		d.mappings(path, b, a)
		return
	}
	bl, isList := before.([]any)
	al, isListToo := after.([]any)
	if isList && isListToo {
		d.lists(path, bl, al)
		return
	}
	c := Change{Path: d.mask.Scrub(path), Before: d.show(path, before), After: d.show(path, after)}
	if d.hidden(before) || d.hidden(after) {
		// What a template makes of a value it made of the value before, too.
		c.Before, c.After = d.digest(path, before), d.digest(path, after)
	}
	d.changes = append(d.changes, c)
}

// hidden reports whether v is a text that the mask hides whole.
func (d *differ) hidden(v any) bool {
	s, ok := v.(string)
	return ok && s != "" && d.mask.Scrub(`"`+s+`"`) == `"(hidden)"`
}

// digest is what tells v from another, and not more.
func (d *differ) digest(path string, v any) string {
	if s, ok := v.(string); ok && s != "" {
		return d.mask.Value(s)
	}
	return d.show(path, v)
}

func (d *differ) mappings(path string, before, after map[string]any) {
	for _, key := range keysOf(before, after) {
		below := path + "." + key
		if strings.ContainsAny(key, "./[") {
			below = fmt.Sprintf("%s[%q]", path, key)
		}
		d.values(below, before[key], after[key])
	}
}

func (d *differ) lists(path string, before, after []any) {
	for _, fields := range manifest.ListKeys {
		b, ok := keyed(before, fields)
		a, okToo := keyed(after, fields)
		if ok && okToo {
			d.items(path, b, a)
			return
		}
	}
	for i := range max(len(before), len(after)) {
		d.values(fmt.Sprintf("%s[%d]", path, i), at(before, i), at(after, i))
	}
}

func (d *differ) items(path string, before, after map[string]any) {
	for _, key := range keysOf(before, after) {
		d.values(path+"["+key+"]", before[key], after[key])
	}
}

// keysOf are the keys of both, in order.
func keysOf(a, b map[string]any) []string {
	keys := slices.AppendSeq(slices.Collect(maps.Keys(a)), maps.Keys(b))
	slices.Sort(keys)
	return slices.Compact(keys)
}

// keyed are the items by the values of fields, if that tells them apart.
func keyed(items []any, fields []string) (map[string]any, bool) {
	byKey := map[string]any{}
	for _, item := range items {
		m, ok := item.(map[string]any)
		if !ok || m[fields[0]] == nil {
			return nil, false
		}
		var parts []string
		for _, f := range fields {
			if v := m[f]; v != nil {
				parts = append(parts, fmt.Sprintf("%s=%v", f, v))
			}
		}
		key := strings.Join(parts, ",")
		if _, twice := byKey[key]; twice {
			return nil, false
		}
		byKey[key] = item
	}
	return byKey, true
}

func at(items []any, i int) any {
	if i < len(items) {
		return items[i]
	}
	return nil
}

func (d *differ) show(path string, v any) string {
	if v == nil {
		return ""
	}
	s, ok := v.(string)
	if !ok || s == "" {
		if m, isMap := v.(map[string]any); isMap && d.secretPath(path) {
			return d.mask.Value(fmt.Sprint(len(m)))
		}
		data, err := json.Marshal(v)
		if err != nil {
			return fmt.Sprint(v)
		}
		s = string(data)
	}
	if d.secretPath(path) {
		return d.mask.Value(s)
	}
	if ok {
		return strings.TrimSuffix(strings.TrimPrefix(d.mask.Scrub(`"`+s+`"`), `"`), `"`) // also hides what is short
	}
	return d.mask.Scrub(s)
}

// secretPath tells whether a value at path of a Secret is not for the eye:
// its data, and the annotation in which kubectl keeps the data, too.
func (d *differ) secretPath(path string) bool {
	return d.secret && (strings.HasPrefix(path, ".data") || strings.HasPrefix(path, ".stringData") ||
		strings.HasPrefix(path, ".metadata.annotations"))
}
