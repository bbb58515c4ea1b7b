package plan

import (
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/runtime"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/object"
)

// desired is an object as it will be applied.
type desired struct {
	ref      api.Ref
	source   string // where it is written, as in "manifests/web.yaml:12"
	resource api.Resource
	value    map[string]any
	guarded  bool // by a webhook of the same plan that does not answer
	offline  bool // its kind comes with a CRD of the same plan, or of one before it
	takeover takeover
	shared   bool   // it is there, and not the installation's
	scaled   bool   // its replicas are an autoscaler's
	mayScale bool   // they may be: we may not ask
	inherits bool   // fields that are the installation's own
	formerly string // the version that it is written in, if the cluster no longer serves that
}

// takeover is which fields of a live object become the installation's before it is
// applied. What it then does not apply goes.
type takeover struct {
	paths [][]string // with all below: what stands against what is wanted
	ours  fieldSet   // of an adopted object: what is wanted of it
	given fieldSet   // of an adopted object: what deploying tools have and the server gives anyway
}

func (t takeover) empty() bool { return len(t.paths) == 0 && len(t.ours) == 0 }

// deploys tells whether an entry of managedFields is that of a tool with which
// people deploy, and not of a controller that would want its fields back. Who has the
// installation's label has restored a copy of what was applied. Entries of a subresource
// are none: there autoscalers write.
func deploys(entry map[string]any) bool {
	name := object.Text(entry, "manager")
	return object.Text(entry, "subresource") == "" &&
		(hasAt(object.Map(entry, "fieldsV1"), labelField) || name == "kubectl" || strings.HasPrefix(name, "kubectl-") || name == "helm" || name == "Helm" || name == "before-first-apply")
}

// labelField is the place of the label that every applied object has, as managedFields
// name it.
var labelField = []string{"f:metadata", "f:labels", "f:" + api.LabelInstallation}

// restored tells whether an object is a copy of what the installation applied, as a backup
// brings it back: with its labels, and nothing of it is managed by the installation.
func restored(i api.Installation, live map[string]any) bool {
	return i.OwnerOf(live) == api.Ours && object.Applied(live, i.Manager()) == nil
}

// managed are the managedFields of a live object after the takeover;
// changed is false when they are already.
func (t takeover) managed(live map[string]any, ref api.Ref, manager string, now time.Time) (entries []any, changed bool) {
	var mine map[string]any
	ours := fieldSet{}
	for _, was := range object.List(live, "metadata", "managedFields") {
		entry := runtime.DeepCopyJSON(was)
		fields := object.Map(entry, "fieldsV1")
		switch {
		case object.Text(entry, "manager") == manager && object.Text(entry, "operation") == "Apply":
			mine = entry
		case object.Text(entry, "subresource") != "" || object.Text(entry, "apiVersion") != ref.APIVersion:
		default:
			rest := t.remainder(fields, deploys(entry))
			changed = changed || !sameSet(rest, fields)
			if deploys(entry) {
				ours = joined(ours, common(fields, t.ours))
			}
			if len(rest) == 0 {
				continue
			}
			entry["fieldsV1"] = rest
		}
		entries = append(entries, entry)
	}
	for _, path := range t.paths {
		ours = joined(ours, fieldSetAt(path))
	}
	if mine == nil {
		mine = map[string]any{"manager": manager, "operation": "Apply", "apiVersion": ref.APIVersion, "fieldsType": "FieldsV1"}
		entries = append(entries, mine)
	}
	had := object.Map(mine, "fieldsV1")
	mine["fieldsV1"] = joined(had, ours)
	if sameSet(had, joined(had, ours)) {
		return entries, changed
	}
	mine["time"] = now.UTC().Format(time.RFC3339)
	return entries, true
}

// remainder is what a manager keeps of its fields.
func (t takeover) remainder(fields fieldSet, tool bool) fieldSet {
	for _, path := range t.paths {
		fields = cut(fields, path)
	}
	if tool {
		fields = difference(difference(fields, t.ours), t.given)
	}
	return fields
}

func sameSet(a, b fieldSet) bool { return len(difference(a, b)) == 0 && len(difference(b, a)) == 0 }
