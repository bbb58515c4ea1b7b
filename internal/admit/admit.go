package admit

import (
	"github.com/kpm-sh/kpm/internal/kinds"
)

// Native says what servers refuse of an object of Kubernetes' own kinds, and with the
// sort Servers what only some of them know; known is false where kinds has no such kind.
func Native(o map[string]any, servers kinds.Minors) (found []Fault, known bool) {
	k, ok := kinds.Of(object(o).text("apiVersion"), object(o).text("kind"))
	if !ok {
		return nil, false
	}
	w := &walker{faults: faults{servers: servers}, root: k.Type, rules: rulesByType(), checks: checks}
	w.object(nil, o, k.Type)
	w.named(o, k)
	return told(w.all), true
}
