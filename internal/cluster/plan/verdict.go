package plan

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/object"
	"github.com/kpm-sh/kpm/internal/cluster/ready"
	"github.com/kpm-sh/kpm/internal/errcode"
)

// addNew plans an object that is not there. What an upgrade would add out of the
// namespace needs leave.
func (p *planner) addNew(d *desired) {
	if p.outside(d.ref) {
		p.mu.Lock()
		p.plan.Outside = append(p.plan.Outside, d.ref)
		p.mu.Unlock()
		if p.request.Upgrade && !p.request.AllowClusterScoped && !slices.Contains(p.request.Returning, d.ref) {
			p.refuse(d, CodeClusterScoped, "it is new and not in namespace "+p.request.Installation.Namespace, way{code: errcode.OutsideNamespace})
		}
	}
	if d.offline {
		p.note(d, nil, d.value)
	}
	p.add(Entry{Ref: d.ref, Action: Added, Source: d.source, Offline: d.offline, Guarded: d.guarded})
}

// alter plans a change of an object. Out of the namespace it needs leave when
// nobody vouches for it.
func (p *planner) alter(d *desired, e Entry) {
	if p.request.Unverified != "" && p.outside(d.ref) && !p.request.AllowClusterScoped {
		p.refuse(d, CodeClusterScoped, fmt.Sprintf("it would be %s by what is not verified, and is not in namespace %s",
			e.Action, p.request.Installation.Namespace), way{code: errcode.OutsideNamespace})
	}
	p.add(e)
}

// claims tells whether the dry run gives the installation other fields than it
// has, although no value changes.
func (p *planner) claims(live, after map[string]any) bool {
	manager := p.request.Installation.Manager()
	return !reflect.DeepEqual(object.Applied(live, manager), object.Applied(after, manager))
}

// note adds to the plan what one should know about an object that is applied.
// before is nil for a new one.
func (p *planner) note(d *desired, before, after map[string]any) {
	granted := permissions(d.ref, before, after)
	volumes := volumeNotes(d.ref, before, after, p.plan.mask)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.plan.Permissions = append(p.plan.Permissions, granted...)
	p.plan.Volumes = append(p.plan.Volumes, volumes...)
}

// judge makes refusals of what the dry run says. Other errors are returned.
func (p *planner) judge(d *desired, live map[string]any, err error) error {
	if conflicts := api.FieldConflicts(err); len(conflicts) > 0 {
		reason := "others manage fields of it: " + strings.Join(conflicts, "; ")
		if d.mayScale && slices.ContainsFunc(conflicts, func(c string) bool { return strings.HasPrefix(c, ".spec.replicas:") }) {
			reason += "; whether they are an autoscaler's is not known: HorizontalPodAutoscalers may not be listed"
		}
		p.refuse(d, CodeField, reason, way{code: errcode.OthersFields})
		return nil
	}
	if errors.Is(err, errHeld) {
		p.refuse(d, CodeField, err.Error(), way{code: errcode.OthersFields})
		return nil
	}
	if api.StatusCode(err) == 0 || errors.Is(err, api.ErrUnreachable) {
		return fmt.Errorf("trying %s: %w", d.ref, err)
	}
	if live == nil && errors.Is(err, api.ErrNotFound) {
		p.refuse(d, CodeNamespace, err.Error())
		return nil
	}
	p.refuse(d, codeOf(err), saidOf(err))
	return nil
}

func codeOf(err error) Code {
	switch {
	case errors.Is(err, api.ErrForbidden):
		return CodeForbidden
	case errors.Is(err, api.ErrConflict):
		return CodeField
	case errors.Is(err, api.ErrUnanswered):
		return CodeWebhook
	case errors.Is(err, api.ErrUnconverted):
		return CodeConverter
	}
	return CodeInvalid
}

// endedAs is the UID of the object that the installed revision has made of just
// what is wanted, if that has ended and gone; else "".
func endedAs(p *planner, d *desired) string {
	if !ready.Expires(d.value) {
		return ""
	}
	return recordedAs(p, d)
}

// recordedAs is the UID of the object that the installed revision has made of just
// what is wanted; "" when it has made none such.
func recordedAs(p *planner, d *desired) string {
	want, err := json.Marshal(unmarked(d.value))
	same := func(m json.RawMessage) bool { return bytes.Equal(m, want) }
	if err != nil || !slices.ContainsFunc(p.request.Past.Manifests, same) {
		return ""
	}
	for _, item := range p.request.Past.Made {
		if item.Key() == d.ref.Key() {
			return item.UID
		}
	}
	return ""
}
