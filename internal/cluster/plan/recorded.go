package plan

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/errcode"
)

// desirePlain makes ready what would be applied without what is recorded. What could
// not be is not there.
func desirePlain(ctx context.Context, p *planner) error {
	r := p.request.Recorded
	if r == nil || !r.Used || r.Alone {
		return nil
	}
	wanted, _, err := makeDesired(ctx, p.Client, r.Plain, p.request)
	if err != nil {
		return err
	}
	p.plain = map[string]*desired{}
	for _, d := range wanted {
		p.plain[d.ref.Key()] = d
	}
	return nil
}

// judgeRecorded refuses what comes of a record and needs the user's word. Of what live
// objects vouch for that is what it changes out of the namespace; of the rest all that
// would not be so without it.
func judgeRecorded(p *planner) {
	r := p.request.Recorded
	if r == nil {
		return
	}
	p.plan.confirmed, p.plan.Restored = p.proof.Confirmed() || p.proof.ConfirmedWeakly(), p.proof.Others
	if !r.Used {
		return
	}
	for n := range p.plan.Entries {
		e := &p.plan.Entries[n]
		if !ofRecord(p, *e) {
			continue
		}
		i := p.request.Installation
		if p.proof.vouches(i, *e) {
			if (e.Action == Changed || e.Action == Replaced) && p.outside(e.Ref) && p.request.Upgrade && p.request.Unverified == "" && !p.request.AllowClusterScoped {
				p.refuseEntry(*e, CodeClusterScoped, fmt.Sprintf("it would be %s by recorded values, and is not in namespace %s", e.Action, i.Namespace), way{code: errcode.OutsideNamespace})
			}
			continue
		}
		e.Recorded = true
		if !r.Accepted {
			p.refuseEntry(*e, CodeRecorded, fmt.Sprintf("it would be %s by what the cluster's record of %s says, and nothing in the cluster confirms that",
				e.Action, i), way{code: errcode.UnconfirmedChange, owner: i})
		}
	}
	p.plan.verify()
}

// verify takes back that nobody vouches for what is applied, where live objects do.
func (p *Plan) verify() {
	if p.confirmed && !slices.ContainsFunc(p.Entries, func(e Entry) bool { return e.Recorded }) {
		p.Unverified = ""
	}
}

// ofRecord tells whether what becomes of an object would not without what is
// recorded.
func ofRecord(p *planner, e Entry) bool {
	plain := p.plain[e.Key()]
	switch e.Action {
	case Removed:
		return plain != nil
	case Added, Changed, Replaced:
	default:
		return false
	}
	if p.request.Recorded.Alone || plain == nil {
		return true
	}
	differs := compare(e.Ref, plain.value, p.plan.objects[e.Key()].value, &api.Mask{})
	if e.Action != Changed || e.Offline {
		return len(differs) > 0
	}
	return touch(differs, e.Changes)
}

// touch tells whether two lists of changes have to do with the same fields: with one,
// or one with what lies below the other's.
func touch(a, b []Change) bool {
	for _, one := range a {
		for _, other := range b {
			x, y := certain(one.Path)+".", certain(other.Path)+"."
			if strings.HasPrefix(x, y) || strings.HasPrefix(y, x) {
				return true
			}
		}
	}
	return false
}

// certain is the part of a path that means the same in two comparisons: items of
// lists are told apart by whatever tells all of them apart, and only a name does so
// wherever there is one.
func certain(path string) string {
	for at := 0; ; {
		next := strings.IndexByte(path[at:], '[')
		if next < 0 {
			return strings.ReplaceAll(path, "[", ".[")
		}
		at += next
		if below := path[at+1:]; !strings.HasPrefix(below, "name=") && !strings.HasPrefix(below, `"`) {
			return strings.ReplaceAll(path[:at], "[", ".[")
		}
		at++
	}
}
