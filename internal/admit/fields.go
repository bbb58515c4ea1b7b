package admit

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/kpm-sh/kpm/internal/kinds"
	"github.com/kpm-sh/kpm/internal/kube"
)

// object walks the fields of an object of a type.
func (w *walker) object(at *path, v any, name string) {
	m, ok := v.(map[string]any)
	if !ok {
		w.wrong(at, v, "a mapping", "")
		return
	}
	t, ok := kinds.TypeOf(name)
	if !ok {
		return
	}
	rules := w.rules[name]
	switch name {
	case "apps.v1.StatefulSetSpec":
		w.claims = claimNames(m)
	case "core.v1.Pod":
		w.labels = object(m).mapping("metadata", "labels")
	}
	for _, key := range sorted(m) {
		f, found := w.field(t, key)
		switch {
		case !found && w.tolerant:
			continue
		case !found:
			w.unknown(at.field(key), key, t)
			continue
		}
		w.onSome(at.field(key), t.Field(key))
		w.loosely(unjudged(at, name, key), func() {
			before := len(w.all)
			w.value(at.field(key), m[key], f.Value)
			if !w.loose {
				after := len(w.all)
				rules.apply(&w.faults, at.field(key), key, m[key])
				w.once(before, after)
			}
		})
	}
	if w.loose {
		return
	}
	for _, f := range t.Fields {
		if m[f.Name] == nil && f.Served.Has(w.servers.Last) {
			w.absent(at, f, rules)
		}
	}
	rules.missing(&w.faults, at, m)
	for _, c := range w.checks[name] {
		c(at, m, &w.faults)
	}
}

// absent judges a field that is not there. What the server takes for an empty object is
// walked as one: there may be something in it that has to be.
func (w *walker) absent(at *path, f kinds.Field, rules fieldRules) {
	switch {
	case rules.optional(f.Name) || f.Name == "status":
	case f.Value.Sort == kinds.Object && f.Default == "{}":
		before := len(w.all)
		w.object(at.field(f.Name), map[string]any{}, f.Value.Type)
		if len(w.all) > before { // it is the whole of it that is missing
			w.all = w.all[:before]
			w.missing(at.field(f.Name))
		}
	case f.Required:
		w.missing(at.field(f.Name))
	}
}

// switchedOff are the fields of features that are off in all versions so far:
// ContainerStopSignals, PodCertificateRequest, ClusterTrustBundleProjection,
// MaxUnavailableStatefulSet.
var switchedOff = map[string]bool{"stopSignal": true, "podCertificate": true, "clusterTrustBundle": true, "maxUnavailable": true}

// unjudged tells whether the server does not look at the values of a field: the status of
// the object itself, selectors that are another program's, what it drops unless a feature
// that is off is switched on, and of what templates say of the objects themselves all but
// labels and annotations.
func unjudged(at *path, of, field string) bool {
	switch of {
	case "autoscaling.v2.MetricIdentifier":
		return field == "selector"
	case "core.v1.Lifecycle", "core.v1.VolumeProjection", "apps.v1.RollingUpdateStatefulSetStrategy":
		return switchedOff[field]
	case "core.v1.PersistentVolumeClaim":
		return field == "status"
	case "batch.v1.JobTemplateSpec":
		return field == "metadata"
	case "meta.v1.ObjectMeta":
		return at != nil && at.up != nil && field != "labels" && field != "annotations"
	}
	return at == nil && field == "status"
}

// loosely walks what the server takes the types of seriously, but not the values.
func (w *walker) loosely(so bool, walk func()) {
	if so && !w.loose {
		w.loose = true
		defer func() { w.loose = false }()
	}
	walk()
}

// field is the field of a name that servers have which count, the newest's first.
func (w *walker) field(t *kinds.Type, name string) (kinds.Field, bool) {
	for _, f := range slices.Backward(t.Field(name)) {
		if f.Served.First <= w.servers.Last && f.Served.Last >= w.servers.First {
			return f, true
		}
	}
	return kinds.Field{}, false
}

// onSome notes a field that not all servers have which count. What they do not know
// they drop, or refuse.
func (w *walker) onSome(at *path, all []kinds.Field) {
	had := kinds.Minors{First: all[0].Served.First, Last: all[0].Served.Last}
	for _, f := range all[1:] {
		had = kinds.Minors{First: min(had.First, f.Served.First), Last: max(had.Last, f.Served.Last)}
	}
	w.servedBy(at, "is a field", had)
}

// servedBy notes what only the servers from had.First to had.Last know.
func (w *walker) servedBy(at *path, what string, had kinds.Minors) {
	switch {
	case w.loose:
	case had.First > w.servers.First && had.Last < w.servers.Last:
		w.add(at, Servers, "%s of Kubernetes %s alone", what, had)
	case had.First > w.servers.First:
		w.add(at, Servers, "%s of Kubernetes 1.%d and newer: say so in K3.yaml, kubernetes: \">=1.%d\"", what, had.First, had.First)
	case had.Last < w.servers.Last:
		w.add(at, Servers, "%s that Kubernetes 1.%d no longer has", what, had.Last+1)
	}
}

// unknown refuses a field, and says what was probably meant.
func (w *walker) unknown(at *path, key string, t *kinds.Type) {
	if all := t.Field(key); len(all) > 0 {
		w.add(at, Unknown, "is a field of Kubernetes %s alone", all[0].Served)
		return
	}
	meant := ""
	if w.unknowns++; w.unknowns <= maxMeant {
		meant = meantBy(w, at, key, t)
	}
	if text := cmp.Or(hidden(key), today(t.Name, key)); text != "" {
		meant = text
	}
	w.add(at, Unknown, "is no field of %s%s", plain(t.Name), meant)
}

// meantBy is how a message goes on about a field that is none.
func meantBy(w *walker, at *path, key string, t *kinds.Type) string {
	var names []string
	for _, f := range t.Fields {
		names = append(names, f.Name)
	}
	near, edits := kube.Nearest(strings.ReplaceAll(key, "_", ""), names)
	place := w.place(at, key, t)
	switch {
	case edits >= 0 && edits <= 1 && near != "":
		return "; write " + near
	case place != "":
		return "; it belongs " + place
	case edits >= 0 && edits <= max(2, len(key)/3) && near != "":
		return "; the nearest is " + near
	}
	return ""
}

// plain is the last part of the name of a type.
func plain(name string) string { return name[strings.LastIndexByte(name, '.')+1:] }

// place says where a field belongs that is misplaced: below a field beside it, or
// above.
func (w *walker) place(at *path, key string, t *kinds.Type) string {
	if below := placeBelow(t, key, 3); below != "" {
		return "into " + below
	}
	up := at.up
	for _, name := range w.above(up) {
		if u, ok := kinds.TypeOf(name); ok && len(u.Field(key)) > 0 {
			return "to " + plain(name) + fmt.Sprintf(" (%s)", where(name, up))
		}
	}
	return ""
}

// placeBelow is the shortest way down to a field of a name.
func placeBelow(t *kinds.Type, key string, deep int) string {
	type step struct {
		t   *kinds.Type
		way string
	}
	level := []step{{t, ""}}
	for range deep {
		var next []step
		for _, s := range level {
			for _, f := range s.t.Fields {
				v := f.Value
				if v.Sort == kinds.List && f.Name != "managedFields" && f.Name != "ownerReferences" {
					v = *v.Of
				}
				if v.Sort != kinds.Object || f.Name == "status" {
					continue
				}
				below, ok := kinds.TypeOf(v.Type)
				if !ok {
					continue
				}
				way := strings.TrimPrefix(s.way+"."+f.Name, ".")
				if len(below.Field(key)) > 0 {
					return way
				}
				next = append(next, step{below, way})
			}
		}
		level = next
	}
	return ""
}

// above are the types of the objects that a path leads through, nearest first.
func (w *walker) above(at *path) []string {
	steps := at.steps()
	names := []string{w.root}
	current := kinds.Value{Sort: kinds.Object, Type: w.root}
	for _, s := range steps {
		switch step := s.(type) {
		case int:
			if current.Of == nil {
				return nil
			}
			current = *current.Of
		case string:
			if current.Sort == kinds.Mapping {
				current = *current.Of
				continue
			}
			t, ok := kinds.TypeOf(current.Type)
			if !ok {
				return nil
			}
			f, ok := w.field(t, step)
			if !ok {
				return nil
			}
			current = f.Value
		}
		if current.Sort == kinds.Object {
			names = append(names, current.Type)
		}
	}
	slices.Reverse(names)
	return names[min(1, len(names)):]
}

// where is the part of a path in words.
func where(_ string, at *path) string {
	return "above " + Fault{At: at.steps()}.Where()
}
