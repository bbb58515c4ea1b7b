package admit

import "strings"

// placementChecks are the rules of where pods run.
var placementChecks = map[string][]check{
	"core.v1.PodAffinityTerm":          {affinityKeys},
	"core.v1.TopologySpreadConstraint": {affinityKeys},
	"core.v1.NodeSelectorTerm":         {matchFields},
	"core.v1.PodSpec":                  {gated, claimed, grace},
	"core.v1.PodResourceClaim": {func(at *path, o object, f *faults) {
		f.exactlyOne(at, o, "resourceClaimName", "resourceClaimTemplateName")
	}},
	"core.v1.Toleration": {tolerated},
}

// affinityKeys holds the keys of labels that a pod brings itself to its selector.
func affinityKeys(at *path, o object, f *faults) {
	selected := selectedKeys(o.mapping("labelSelector"))
	mismatched := map[string]bool{}
	for _, key := range o.texts("mismatchLabelKeys") {
		mismatched[key] = true
	}
	for _, list := range []string{"matchLabelKeys", "mismatchLabelKeys"} {
		if len(o.list(list)) > 0 && !o.has("labelSelector") {
			f.add(at.field(list), Meaning, "is set, and there is no labelSelector")
		}
	}
	for i, key := range o.texts("matchLabelKeys") {
		here := at.field("matchLabelKeys").item(i)
		switch {
		case key == "": // it has another fault
		case selected[key]:
			f.add(here, Meaning, "is %s, which labelSelector has, too", key)
		case mismatched[key]:
			f.add(here, Meaning, "is %s, which mismatchLabelKeys has, too", key)
		}
	}
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
	}
}

func tolerated(at *path, o object, f *faults) {
	if op := o.text("operator"); op == "" || op == "Equal" {
		if text := plainWords["labelvalue"].says(o["value"]); text != "" {
			f.add(at.field("value"), Format, "%s", text)
		}
	}
}

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
				if n, ok := c.mapping("lifecycle", hook, "sleep").whole("seconds"); ok && n > most {
					f.add(at.field(list).item(i).field("lifecycle").field(hook).field("sleep").field("seconds"), Range, "is %d, more than terminationGracePeriodSeconds (%d)", n, most)
				}
			}
			if c.mapping("lifecycle").has("stopSignal") && o.mapping("os").text("name") == "" {
				f.add(at.field(list).item(i).field("lifecycle").field("stopSignal"), Meaning, "is set, and os.name says no system")
			}
		}
	}
}
