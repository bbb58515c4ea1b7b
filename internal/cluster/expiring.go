package cluster

import (
	"bytes"
	"encoding/json"
	"slices"

	"github.com/kpm-sh/kpm/internal/cluster/ready"
)

// passed is the UID of the object that the installed revision has made of just
// what is wanted, if that has ended and gone; else "".
func (p *planner) passed(d *desired) string {
	if !ready.Expires(d.value) {
		return ""
	}
	return p.recordedAs(d)
}

// recordedAs is the UID of the object that the installed revision has made of just
// what is wanted; "" when it has made none such.
func (p *planner) recordedAs(d *desired) string {
	current := p.request.State.Current
	if current == nil {
		return ""
	}
	want, err := json.Marshal(unmarked(d.value))
	same := func(m json.RawMessage) bool { return bytes.Equal(m, want) }
	if err != nil || !slices.ContainsFunc(current.Manifests, same) {
		return ""
	}
	for _, item := range current.Inventory {
		if item.Key() == d.ref.Key() {
			return item.UID
		}
	}
	return ""
}
