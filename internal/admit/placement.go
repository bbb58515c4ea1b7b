package admit

import (
	"strconv"
	"strings"
)

// placementChecks are the rules of where pods run.
var placementChecks = map[string][]check{
	"core.v1.PodAffinityTerm":          {affinityKeys},
	"core.v1.TopologySpreadConstraint": {spreadKeys},
	"core.v1.NodeSelector":             {nodeValues},
	"core.v1.NodeSelectorTerm":         {matchFields},
	"core.v1.PodSpec":                  {gated, claimed, grace},
	"core.v1.PodResourceClaim": {func(at *path, o object, f *faults) {
		f.exactlyOne(at, o, "resourceClaimName", "resourceClaimTemplateName")
	}},
	"core.v1.Toleration": {tolerated},
}

// affinityKeys holds the keys of labels that a pod brings itself to its selector.
func affinityKeys(at *path, o object, f *faults) {
	mismatched := map[string]bool{}
	for _, key := range o.texts("mismatchLabelKeys") {
		mismatched[key] = true
	}
	ownKeys(at, o, f, func(here *path, key string) {
		if mismatched[key] {
			f.add(here, Meaning, "is %s, which mismatchLabelKeys has, too", key)
		}
	})
}

// ownKeys refuses keys that the selector says two things of, and hands on the others.
func ownKeys(at *path, o object, f *faults, other func(here *path, key string)) {
	keysAlone(at, o, f)
	twice := twiceSelected(o, f.labels)
	for i, key := range o.texts("matchLabelKeys") {
		here := at.field("matchLabelKeys").item(i)
		switch {
		case key == "": // it has another fault
		case twice[key]:
			f.add(here, Meaning, "is %s, which labelSelector has, too", key)
		default:
			other(here, key)
		}
	}
}

// spreadMerges is the first version of the server that adds the labels of a pod to the
// selectors of its topologySpreadConstraints; the ones before it refuse keys that a selector
// has (MatchLabelKeysInPodTopologySpreadSelectorMerge).
const spreadMerges = 34

func spreadKeys(at *path, o object, f *faults) {
	selected := selectedKeys(o.mapping("labelSelector"))
	ownKeys(at, o, f, func(here *path, key string) {
		if selected[key] {
			f.before(spreadMerges, here, Meaning, "is %s, which labelSelector must not have, too,", key)
		}
	})
}

func keysAlone(at *path, o object, f *faults) {
	for _, list := range []string{"matchLabelKeys", "mismatchLabelKeys"} {
		if len(o.list(list)) > 0 && !o.has("labelSelector") {
			f.add(at.field(list), Meaning, "is set, and there is no labelSelector")
		}
	}
}

// twiceSelected are the keys among matchLabelKeys for which a selector says two things once
// the server has added the labels of the pod. To that of a template it adds nothing.
func twiceSelected(o, labels object) map[string]bool {
	selector := o.mapping("labelSelector")
	ours, seen, twice := map[string]bool{}, map[string]bool{}, map[string]bool{}
	var expressions []string
	for _, e := range selector.items("matchExpressions") {
		expressions = append(expressions, e.text("key"))
	}
	for _, key := range o.texts("matchLabelKeys") {
		if ours[key] = true; labels.has(key) {
			expressions = append(expressions, key)
		}
	}
	for key := range selector.mapping("matchLabels") {
		seen[key] = true
	}
	for _, key := range expressions {
		twice[key] = twice[key] || ours[key] && seen[key]
		seen[key] = true
	}
	return twice
}

// selectedKeys are the keys of labels that a selector asks for.
func selectedKeys(selector object) map[string]bool {
	keys := map[string]bool{}
	for key := range selector.mapping("matchLabels") {
		keys[key] = true
	}
	for _, e := range selector.items("matchExpressions") {
		keys[e.text("key")] = true
	}
	return keys
}

// matchFields are of the name of a node alone.
func matchFields(at *path, o object, f *faults) {
	for i, e := range o.items("matchFields") {
		here := at.field("matchFields").item(i)
		if key := e.text("key"); key != "" && key != "metadata.name" {
			f.add(here.field("key"), Words, "is %s, and has to be metadata.name", short(key))
		}
		if op := e.text("operator"); op != "" && op != "In" && op != "NotIn" {
			f.add(here.field("operator"), Words, "is %s, and has to be In or NotIn", short(op))
		}
		if n := len(e.list("values")); n != 1 {
			f.add(here.field("values"), Required, "has %d values, and takes one", n)
		}
		for j, name := range e.texts("values") {
			if text := subdomain.says(name); text != "" {
				f.add(here.field("values").item(j), Format, "%s", text)
			}
		}
	}
}

// labelledStrictly is the first version of the server that holds what a node has to have to
// the form of labels.
const labelledStrictly = 33

// nodeValues refuses what no label of a node can be. What a pod would merely like may be
// anything.
func nodeValues(at *path, o object, f *faults) {
	for i, term := range o.items("nodeSelectorTerms") {
		for j, e := range term.items("matchExpressions") {
			for k, value := range e.texts("values") {
				if text := plainWords["labelvalue"].says(value); text != "" {
					f.since(labelledStrictly, at.field("nodeSelectorTerms").item(i).field("matchExpressions").item(j).field("values").item(k), Format, "%s", text)
				}
			}
		}
	}
}

// comparing is the first version of the server that may take tolerations which compare
// numbers; before it TaintTolerationComparisonOperators is off.
const comparing = 37

func tolerated(at *path, o object, f *faults) {
	switch op := o.text("operator"); op {
	case "", "Equal":
		if text := plainWords["labelvalue"].says(o["value"]); text != "" {
			f.add(at.field("value"), Format, "%s", text)
		}
	case "Gt", "Lt":
		value := o.text("value")
		if n, err := strconv.ParseInt(value, 10, 64); err != nil || strconv.FormatInt(n, 10) != value {
			f.add(at.field("value"), Format, "is %s, and has to be a whole number for %s", short(value), op)
		}
		if f.servers.First >= compared { // others do not know the word
			f.before(comparing, at.field("operator"), Words, "is %s, and may be Equal or Exists", op)
		}
	}
}

// compared is the first version of the server that knows the words Gt and Lt here.
const compared = 35

// gated refuses a node for a pod that waits.
func gated(at *path, o object, f *faults) {
	if len(o.list("schedulingGates")) > 0 && o.text("nodeName") != "" {
		f.add(at.field("nodeName"), Meaning, "is set, and schedulingGates are, too")
	}
	if len(o.list("ephemeralContainers")) > 0 {
		f.add(at.field("ephemeralContainers"), Meaning, "is set, and a pod can only be given such containers when it runs")
	}
}

// claimed holds the claims of containers to those of their pod.
func claimed(at *path, o object, f *faults) {
	known := map[string]bool{}
	var names []string
	for _, c := range o.items("resourceClaims") {
		known[c.text("name")], names = true, append(names, c.text("name"))
	}
	for _, list := range containerLists {
		for i, c := range o.items(list) {
			for j, claim := range c.mapping("resources").items("claims") {
				if name := claim.text("name"); name != "" && !known[name] {
					here := at.field(list).item(i).field("resources").field("claims").item(j).field("name")
					if len(names) == 0 {
						f.add(here, Meaning, "is %s, and the pod has no resourceClaims", short(name))
						continue
					}
					f.add(here, Meaning, "is %s, and the pod's resourceClaims are %s", short(name), strings.Join(names, ", "))
				}
			}
		}
	}
}

// grace holds the sleeps before the end of containers to the time that they have.
func grace(at *path, o object, f *faults) {
	most, ok := o.whole("terminationGracePeriodSeconds")
	if !ok {
		most = 30
	}
	for _, list := range containerLists {
		for i, c := range o.items(list) {
			for _, hook := range []string{"preStop", "postStart"} {
				sleep := c.mapping("lifecycle", hook, "sleep")
				here := at.field(list).item(i).field("lifecycle").field(hook).field("sleep").field("seconds")
				switch n, ok := sleep.whole("seconds"); {
				case ok && n > most:
					f.add(here, Range, "is %d, more than terminationGracePeriodSeconds (%d)", n, most)
				case sleep != nil && n == 0:
					f.before(33, here, Range, "is 0, and has to be at least 1")
				}
			}
		}
	}
}
