package plan

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/runtime"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/object"
)

// displace plans an object of which fields stand against what is wanted. Nothing is
// planned that way when the dry run went well, but for fields of nobody that would
// stay as they are.
func displace(ctx context.Context, p *planner, d *desired, live, after map[string]any, adopted bool, err error) (map[string]any, error) {
	if err != nil && (api.StatusCode(err) != http.StatusUnprocessableEntity || immutable(err)) {
		return after, err
	}
	var held []string
	var found []choice
	for _, c := range choices(d.ref, d.value, live) {
		c.gone = slices.DeleteFunc(c.gone, func(name string) bool {
			path := append(slices.Clip(c.at), "f:"+name)
			if err == nil && mapping(after, c.at)[name] == nil {
				return true
			}
			mine, by := holders(live, path, p.request.Installation.Manager(), adopted)
			if len(by) > 0 && !p.request.ForceConflicts {
				held = append(held, fmt.Sprintf("%s: set by %s", strings.Join(paths(fieldSetAt(path)), ""), strings.Join(by, ", ")))
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
		return nil, &api.Error{Classes: []error{api.ErrConflict}, Text: "others manage fields that stand against it: " + strings.Join(held, "; "), Cause: errHeld}
	case len(found) == 0:
		return after, err
	}
	for _, c := range found {
		d.takeover.paths = append(d.takeover.paths, c.paths()...)
	}
	return dryRunWithout(ctx, p, d, live, found, object.Text(live, "metadata", "uid"))
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
func dryRunWithout(ctx context.Context, p *planner, d *desired, live map[string]any, found []choice, uid string) (map[string]any, error) {
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
func adopting(ctx context.Context, p *planner, d *desired, live, after map[string]any) (stays []string) {
	d.takeover.ours = object.Applied(after, p.request.Installation.Manager())
	fresh := asNew(ctx, p, d)
	d.takeover.given = fieldSet{}
	for _, entry := range object.List(live, "metadata", "managedFields") {
		fields := object.Map(entry, "fieldsV1")
		if object.Text(entry, "subresource") != "" || object.Text(entry, "manager") == p.request.Installation.Manager() {
			continue
		}
		rest := difference(fields, d.takeover.ours)
		if deploys(entry) && object.Text(entry, "apiVersion") == d.ref.APIVersion && fresh != nil {
			d.takeover.given = joined(d.takeover.given, same(rest, live, fresh))
			rest = d.takeover.remainder(fields, true)
		}
		for _, path := range paths(rest) {
			stays = append(stays, object.Text(entry, "manager")+": "+path)
		}
	}
	return stays
}

// asNew is what the server would make of an object that is not there; nil when it
// would not.
func asNew(ctx context.Context, p *planner, d *desired) map[string]any {
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
