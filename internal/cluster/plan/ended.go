package plan

import (
	"bytes"
	"encoding/json"
	"slices"

	"github.com/kpm-sh/kpm/internal/cluster/ready"
)

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
