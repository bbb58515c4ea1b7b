package cluster

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/runtime"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/object"
)

// taking is which fields of a live object become the installation's before it is
// applied. What it then does not apply goes.
type taking struct {
	paths [][]string // with all below: what stands against what is wanted
	ours  fieldSet   // of an adopted object: what is wanted of it
	given fieldSet   // of an adopted object: what deploying tools have and the server gives anyway
}

func (t taking) empty() bool { return len(t.paths) == 0 && len(t.ours) == 0 }

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

// managed are the managedFields of a live object after the fields are taken;
// changed is false when they are already.
func (t taking) managed(live map[string]any, ref api.Ref, manager string, now time.Time) (entries []any, changed bool) {
	var mine map[string]any
	taken := fieldSet{}
	for _, was := range object.List(live, "metadata", "managedFields") {
		entry := runtime.DeepCopyJSON(was)
		fields := object.Map(entry, "fieldsV1")
		switch {
		case object.Text(entry, "manager") == manager && object.Text(entry, "operation") == "Apply":
			mine = entry
		case object.Text(entry, "subresource") != "" || object.Text(entry, "apiVersion") != ref.APIVersion:
		default:
			left := t.leave(fields, deploys(entry))
			changed = changed || !sameSet(left, fields)
			if deploys(entry) {
				taken = joined(taken, common(fields, t.ours))
			}
			if len(left) == 0 {
				continue
			}
			entry["fieldsV1"] = left
		}
		entries = append(entries, entry)
	}
	for _, path := range t.paths {
		taken = joined(taken, onlyAt(path))
	}
	if mine == nil {
		mine = map[string]any{"manager": manager, "operation": "Apply", "apiVersion": ref.APIVersion, "fieldsType": "FieldsV1"}
		entries = append(entries, mine)
	}
	had := object.Map(mine, "fieldsV1")
	mine["fieldsV1"] = joined(had, taken)
	if sameSet(had, joined(had, taken)) {
		return entries, changed
	}
	mine["time"] = formatTime(now)
	return entries, true
}

// leave is what a manager keeps of its fields.
func (t taking) leave(fields fieldSet, tool bool) fieldSet {
	for _, path := range t.paths {
		fields = cut(fields, path)
	}
	if tool {
		fields = without(without(fields, t.ours), t.given)
	}
	return fields
}

func sameSet(a, b fieldSet) bool { return len(without(a, b)) == 0 && len(without(b, a)) == 0 }

// displace plans an object of which fields stand against what is wanted. Nothing is
// planned that way when the dry run went well, but for fields of nobody that would
// stay as they are.
func (p *planner) displace(ctx context.Context, d *desired, live, after map[string]any, adopted bool, err error) (map[string]any, error) {
	if err != nil && (api.StatusCode(err) != http.StatusUnprocessableEntity || immutable(err)) {
		return after, err
	}
	var held []string
	var found []choice
	for _, c := range choices(d.ref, d.value, live) {
		c.gone = slices.DeleteFunc(c.gone, func(name string) bool {
			path := append(c.at[:len(c.at):len(c.at)], "f:"+name)
			if err == nil && mapping(after, c.at)[name] == nil {
				return true
			}
			mine, by := holders(live, path, p.request.Installation.Manager(), adopted)
			if len(by) > 0 && !p.request.ForceConflicts {
				held = append(held, fmt.Sprintf("%s: set by %s", strings.Join(paths(onlyAt(path)), ""), strings.Join(by, ", ")))
				return true
			}
			return mine && len(by) == 0
		})
		if len(c.gone) > 0 {
			found = append(found, c)
		}
	}
	switch {
	case err != nil && len(held) > 0:
		return nil, &api.Error{Classes: []error{api.ErrConflict}, Text: "others manage fields that stand against it: " + strings.Join(held, "; ") + " (--force-conflicts takes them)", Cause: errHeld}
	case len(found) == 0:
		return after, err
	}
	for _, c := range found {
		d.taking.paths = append(d.taking.paths, c.paths()...)
	}
	return p.dryRunWithout(ctx, d, live, found, object.Text(live, "metadata", "uid"))
}

// errHeld is the cause of a refusal that names who holds the fields.
var errHeld = errors.New("fields are held by others")

// holders tells who has fields at or below a path: the installation alone, and
// others. Of an object that is adopted, tools of deployment are none.
func holders(live map[string]any, path []string, manager string, adopted bool) (mine bool, by []string) {
	alone := true
	for _, entry := range object.List(live, "metadata", "managedFields") {
		if !hasAt(object.Map(entry, "fieldsV1"), path) {
			continue
		}
		switch name := object.Text(entry, "manager"); {
		case name == manager && object.Text(entry, "operation") == "Apply":
			mine = true
		case adopted && deploys(entry):
			alone = false
		case !slices.Contains(by, name):
			by = append(by, name)
		}
	}
	return mine && alone, by
}

// dryRunWithout is the dry run of an object that loses fields which the
// installation does not have yet. The server cannot try that as one apply: so the
// object is tried with these fields as they are live, and what comes out is tried
// with them as they are wanted.
func (p *planner) dryRunWithout(ctx context.Context, d *desired, live map[string]any, found []choice, uid string) (map[string]any, error) {
	asLive := *d
	asLive.value = runtime.DeepCopyJSON(d.value)
	for _, c := range found {
		c.copy(asLive.value, live)
	}
	after, err := p.dryRun(ctx, &asLive, uid)
	if err != nil {
		return nil, err
	}
	final := runtime.DeepCopyJSON(after)
	for _, c := range found {
		c.copy(final, d.value)
	}
	o, err := p.TryPatch(ctx, d.resource, d.ref, p.request.Installation.Manager(), []map[string]any{
		{"op": "test", "path": "/metadata/uid", "value": uid},
		{"op": "replace", "path": "/spec", "value": final["spec"]},
	})
	if err != nil {
		return nil, err
	}
	o["metadata"] = after["metadata"]
	return o, nil
}

// adopting finds out which fields of an adopted object tools of deployment give up,
// and which stay as they are.
func (p *planner) adopting(ctx context.Context, d *desired, live, after map[string]any) (stays []string) {
	d.taking.ours = object.Applied(after, p.request.Installation.Manager())
	fresh := p.fresh(ctx, d)
	d.taking.given = fieldSet{}
	for _, entry := range object.List(live, "metadata", "managedFields") {
		fields := object.Map(entry, "fieldsV1")
		if object.Text(entry, "subresource") != "" || object.Text(entry, "manager") == p.request.Installation.Manager() {
			continue
		}
		left := without(fields, d.taking.ours)
		if deploys(entry) && object.Text(entry, "apiVersion") == d.ref.APIVersion && fresh != nil {
			d.taking.given = joined(d.taking.given, same(left, live, fresh))
			left = d.taking.leave(fields, true)
		}
		for _, path := range paths(left) {
			stays = append(stays, object.Text(entry, "manager")+": "+path)
		}
	}
	return stays
}

// fresh is what the server would make of an object that is not there; nil when it
// would not.
func (p *planner) fresh(ctx context.Context, d *desired) map[string]any {
	other := *d
	other.ref.Name = "kpm-has-never-made-this"
	other.value = runtime.DeepCopyJSON(d.value)
	object.Ensure(other.value, "metadata")["name"] = other.ref.Name
	made, created, err := p.ServerSideApply(ctx, p.dryRunOf(&other, "", true))
	if err != nil || !created {
		return nil
	}
	return made
}

// take makes fields of a live object the installation's, before it is applied.
func (a *applier) take(ctx context.Context, e Entry) error {
	d := a.plan.objects[e.Key()]
	if d.taking.empty() {
		return nil
	}
	for try := 1; ; try++ {
		live, err := a.Get(ctx, d.resource, e.Ref)
		if err != nil {
			return err
		}
		if object.Text(live, "metadata", "uid") != e.UID {
			return api.Fault("it is another object than the one that was planned for", api.ErrConflict, api.ErrStale)
		}
		managed, changed := d.taking.managed(live, e.Ref, a.plan.Installation.Manager(), a.Now())
		if !changed {
			return nil
		}
		_, err = a.Merge(ctx, d.resource, e.Ref, "", map[string]any{
			"metadata": map[string]any{"uid": e.UID, "resourceVersion": object.Text(live, "metadata", "resourceVersion"), "managedFields": managed},
		})
		if err == nil || !errors.Is(err, api.ErrConflict) || try == maxRaces {
			return err
		}
	}
}
