package manifest

import (
	"fmt"
	"strings"
)

// place is where a value stands in its file: its line, for lists those of its
// items where they are known, and what to put before the names of its fields.
type place struct {
	line  int
	items []int
	field string
}

// item is the place of the i-th item of a list at p.
func (p place) item(i int) place {
	item := place{line: p.line, field: fmt.Sprintf("%sitems[%d].", p.field, i)}
	if i < len(p.items) {
		item.line = p.items[i]
	}
	return item
}

// value takes one value of the file, as JSON.
func (f *file) value(at place, text []byte) {
	v, err := parse(text)
	if err != nil {
		f.errorf(at.line, "%s", err)
		return
	}
	if v == nil {
		return
	}
	m, ok := v.(map[string]any)
	if !ok {
		f.errorf(at.line, "the file is %s, not an object", typeOf(v))
		return
	}
	f.object(at, m)
}

// object takes an object, or each item of a list.
func (f *file) object(at place, m map[string]any) {
	o := Object{Path: f.path, Line: at.line, Value: m}
	before := len(f.problems)
	o.APIVersion = f.text(at, m, "apiVersion")
	o.Kind = f.text(at, m, "kind")
	if isList(o.Kind, m) {
		f.list(at, o)
		return
	}
	if strings.HasPrefix(o.APIVersion, "kustomize.config.k8s.io/") {
		f.errorf(at.line, "%skind is %s, which kustomize reads and no cluster has: write the objects that it makes", at.field, o.Kind)
		return
	}
	f.metadata(at, &o)
	if len(f.problems) == before {
		f.objects = append(f.objects, o)
	}
}

// isList tells whether an object stands for its items. A custom kind may have a
// name that ends so: what has items is a list, as kubectl takes it.
func isList(kind string, m map[string]any) bool {
	_, has := m["items"]
	return kind == "List" || has && strings.HasSuffix(kind, "List")
}

// list takes what a list stands for. Without items, as when all of them were
// filtered away, that is nothing.
func (f *file) list(at place, list Object) {
	v, has := list.Value["items"]
	items, ok := v.([]any)
	switch {
	case !has:
		f.errorf(at.line, "%sitems is missing", at.field)
	case v != nil && !ok:
		f.errorf(at.line, "%sitems is %s, not a list", at.field, typeOf(v))
	default:
		f.items(at, list, items)
	}
}

// items takes the items of a list. Those of a typed list need not repeat what
// the list says of them.
func (f *file) items(at place, list Object, items []any) {
	for i, item := range items {
		at := at.item(i)
		m, ok := item.(map[string]any)
		if !ok {
			f.errorf(at.line, "%s is %s, not an object", strings.TrimSuffix(at.field, "."), typeOf(item))
			continue
		}
		if kind := strings.TrimSuffix(list.Kind, "List"); kind != "" {
			setDefault(m, "apiVersion", list.APIVersion)
			setDefault(m, "kind", kind)
		}
		f.object(at, m)
	}
}

func setDefault(m map[string]any, key, value string) {
	if _, ok := m[key]; !ok {
		m[key] = value
	}
}

func (f *file) metadata(at place, o *Object) {
	v := o.Value["metadata"]
	meta, ok := v.(map[string]any)
	switch {
	case v != nil && !ok:
		f.errorf(at.line, "%smetadata is %s, not a mapping", at.field, typeOf(v))
		return
	case meta["name"] == nil && meta["generateName"] != nil:
		f.errorf(at.line, "%smetadata.generateName makes another object each time: use metadata.name", at.field)
		return
	}
	at.field += "metadata."
	o.Name = f.text(at, meta, "name")
	if ns := meta["namespace"]; ns != nil && ns != "" { // "" is none, as for kubectl
		o.Namespace = f.text(at, meta, "namespace")
	}
}

// text is a text that has to be there.
func (f *file) text(at place, m map[string]any, key string) string {
	switch v := m[key].(type) {
	case string:
		if v == "" {
			f.errorf(at.line, "%s%s is empty", at.field, key)
		} else if strings.TrimSpace(v) != v {
			f.errorf(at.line, "%s%s is %q, and must not begin or end with a blank", at.field, key, v)
		}
		return v
	case nil:
		f.errorf(at.line, "%s%s is missing", at.field, key)
	case map[string]any, []any:
		f.errorf(at.line, "%s%s is %s, not a text", at.field, key, typeOf(v))
	default:
		f.errorf(at.line, "%s%s is %s: put it in quotes", at.field, key, typeOf(v))
	}
	return ""
}

func typeOf(v any) string {
	switch v.(type) {
	case nil:
		return "empty"
	case map[string]any:
		return "a mapping"
	case []any:
		return "a list"
	case bool:
		return "true or false"
	case string:
		return "a text"
	}
	return "a number"
}
