package plan

import (
	"context"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/object"
	"github.com/kpm-sh/kpm/internal/errcode"
)

// Namespaces are shared by nature: several Kubes ship the same one, and everybody
// lives in it. One that is there and was not made by the installation never becomes
// the installation's: what its manifest sets and nobody else does is added, and given
// up when the installation goes.

// planShared plans such a Namespace.
func planShared(ctx context.Context, p *planner, d *desired, live map[string]any) error {
	if object.Text(live, "metadata", "deletionTimestamp") != "" {
		p.refuse(d, CodeField, "it is being deleted"+object.Finalizers(live))
		return nil
	}
	manager := p.request.Installation.Manager()
	mine := object.Applied(live, manager)
	value, clashes := sharedPart(d.value, live, manager)
	if len(clashes) > 0 {
		p.refuse(d, CodeField, "it is there already, and not this installation's alone: "+strings.Join(clashes, "; ")+": one of them has to change")
		return nil
	}
	d.value, d.shared = value, true
	e := Entry{Ref: d.ref, Action: Unchanged, Source: d.source, UID: object.Text(live, "metadata", "uid"), Shared: true, Reason: "it is there already, and stays what it is"}
	if len(mine) == 0 && bare(value) {
		e.UID = "" // nothing of it is the installation's
		p.add(e)
		return nil
	}
	after, err := p.dryRun(ctx, d, e.UID)
	if err != nil {
		return p.judge(d, live, err)
	}
	e.Changes = compare(d.ref, live, after, p.plan.mask)
	e.Claim = p.claims(live, after)
	if len(e.Changes) == 0 {
		p.add(e)
		return nil
	}
	e.Action, e.Reason = Changed, "it is there already: what is added is given up again when the installation goes"
	if !p.request.AllowClusterScoped {
		refuseAdmission(ctx, p, d, live, after)
	}
	p.alter(d, e)
	return nil
}

// refuseAdmission refuses changes of what decides over the objects in a Namespace
// that is not the installation's alone.
func refuseAdmission(ctx context.Context, p *planner, d *desired, live, after map[string]any) {
	for _, kind := range []string{"labels", "annotations"} {
		was, is := object.Map(live, "metadata", kind), object.Map(after, "metadata", kind)
		both := map[string]any{}
		maps.Copy(both, was)
		maps.Copy(both, is)
		for _, key := range slices.Sorted(maps.Keys(both)) {
			if reflect.DeepEqual(was[key], is[key]) {
				continue
			}
			if by := p.selectors.admittedBy(ctx, p.Client, kind, key); by != "" {
				p.refuse(d, CodeClusterScoped, fmt.Sprintf("it would change the %s %s, which %s, of a Namespace that is not this installation's alone",
					strings.TrimSuffix(kind, "s"), key, by), way{code: errcode.OutsideNamespace})
			}
		}
	}
}

// sharedPart is what of a Namespace is applied to one that is there: labels and
// annotations that nobody else has set. Those that somebody has set otherwise are
// clashes, each with both values.
func sharedPart(wanted, live map[string]any, manager string) (value map[string]any, clashes []string) {
	meta := map[string]any{"name": object.Text(wanted, "metadata", "name")}
	for _, kind := range []string{"labels", "annotations"} {
		part := map[string]any{}
		for _, key := range slices.Sorted(maps.Keys(object.Map(wanted, "metadata", kind))) {
			want := object.Map(wanted, "metadata", kind)[key]
			is, there := object.Map(live, "metadata", kind)[key]
			mine, by := holders(live, []string{"f:metadata", "f:" + kind, "f:" + key}, manager, false)
			switch {
			case strings.HasPrefix(key, "kpm.sh/"): // whose an object is
			case !there || mine && len(by) == 0:
				part[key] = want
			case reflect.DeepEqual(is, want):
				// somebody else sees to it
			default:
				clashes = append(clashes, fmt.Sprintf("%s %s is %q%s, and this Kube sets %s", strings.TrimSuffix(kind, "s"), key, is, setBy(by), asWritten(want)))
			}
		}
		if len(part) > 0 {
			meta[kind] = part
		}
	}
	return map[string]any{"apiVersion": wanted["apiVersion"], "kind": wanted["kind"], "metadata": meta}, clashes
}

// asWritten shows a value so that a text can be told from true, null and a number, which
// labels and annotations cannot be.
func asWritten(v any) string {
	if s, ok := v.(string); ok {
		return strconv.Quote(s)
	}
	return fmt.Sprintf("%v, which is no text", v)
}

func setBy(managers []string) string {
	if len(managers) == 0 {
		return ""
	}
	return ", set by " + strings.Join(managers, ", ")
}

// bare tells whether an object sets nothing but its name.
func bare(value map[string]any) bool { return len(object.Map(value, "metadata")) == 1 }

// planGivenUp plans to give up what the installation has set of a Namespace that is
// not its own.
func planGivenUp(ctx context.Context, p *planner, r api.Resource, ref api.Ref, live map[string]any) error {
	uid := object.Text(live, "metadata", "uid")
	d := &desired{ref: ref, resource: r, shared: true, value: map[string]any{
		"apiVersion": ref.APIVersion, "kind": ref.Kind, "metadata": map[string]any{"name": ref.Name},
	}}
	after, err := p.dryRun(ctx, d, uid)
	if err != nil {
		p.add(Entry{Ref: ref, Action: Kept, Reason: p.plan.mask.Scrub(err.Error())})
		return nil
	}
	p.add(Entry{
		Ref: ref, Action: GivenUp, UID: uid, Shared: true, Changes: compare(ref, live, after, p.plan.mask),
		Reason: "it is not this installation's, and keeps what others have set",
	})
	return nil
}
