package admit

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
)

// workloadChecks are the rules of what runs pods.
var workloadChecks = map[string][]check{
	"apps.v1.DeploymentSpec":            {selects, restartsAlways, deadline},
	"apps.v1.ReplicaSetSpec":            {selects, restartsAlways},
	"apps.v1.DaemonSetSpec":             {selects, restartsAlways},
	"apps.v1.StatefulSetSpec":           {selects, restartsAlways, claimTemplates},
	"apps.v1.DeploymentStrategy":        {strategy},
	"apps.v1.DaemonSetUpdateStrategy":   {daemonStrategy},
	"core.v1.ReplicationControllerSpec": {selectsPlainly, restartsAlways, templated},
	"apps.v1.StatefulSetUpdateStrategy": {statefulStrategy},
	"apps.v1.ControllerRevision": {func(at *path, o object, f *faults) {
		if _, ok := o["data"].(map[string]any); !ok && o.has("data") {
			f.since(revisedStrictly, at.field("data"), Type, "is %s, and has to be a mapping", called(o["data"]))
		}
	}},
}

// selects holds a selector to the labels of its template.
func selects(at *path, o object, f *faults) {
	selector := o.mapping("selector")
	if !o.has("selector") {
		return // it is said to be missing
	}
	labels := o.mapping("template", "metadata", "labels")
	if len(selector.mapping("matchLabels")) == 0 && len(selector.list("matchExpressions")) == 0 {
		f.add(at.field("selector"), Required, "is empty, and has to name labels of the template")
	}
	fits(at.field("selector"), selector, labels, f)
}

// fits refuses what a selector asks for and a template does not have.
func fits(at *path, selector, labels object, f *faults) {
	for _, key := range sorted(selector.mapping("matchLabels")) {
		want := emptied(selector.mapping("matchLabels")[key])
		if value, ok := labels[key]; !ok || !reflect.DeepEqual(emptied(value), want) {
			f.add(at.field("matchLabels").field(key), Meaning, "is %v, and the template has %s", want, has(labels, key))
		}
	}
	for i, e := range selector.items("matchExpressions") {
		if !matches(e, labels) && (len(e.list("values")) > 0 || !valued(e)) {
			f.add(at.field("matchExpressions").item(i), Meaning, "does not match the labels of the template")
		}
	}
}

// emptied is what the server makes of the value of a label: null is empty.
func emptied(v any) any {
	if v == nil {
		return ""
	}
	return v
}

func has(labels object, key string) string {
	if v, ok := labels[key]; ok {
		return fmt.Sprintf("%s: %v", key, v)
	}
	return "no label " + key
}

// valued tells whether a requirement needs values; that it has none is said of them.
func valued(e object) bool { return e.text("operator") == "In" || e.text("operator") == "NotIn" }

// matches tells whether labels fit a requirement.
func matches(e, labels object) bool {
	value, ok := labels[e.text("key")]
	in := false
	for _, v := range e.list("values") {
		in = in || ok && reflect.DeepEqual(v, value)
	}
	switch e.text("operator") {
	case "In":
		return in
	case "NotIn":
		return !in
	case "Exists":
		return ok
	case "DoesNotExist":
		return !ok
	}
	return true
}

func selectsPlainly(at *path, o object, f *faults) {
	labels := o.mapping("template", "metadata", "labels")
	selector := o.mapping("selector")
	if len(selector) == 0 && len(labels) == 0 {
		f.add(at.field("selector"), Required, "is missing, and the template has no labels to take it from")
	}
	for _, key := range sorted(selector) {
		want := emptied(selector[key])
		if value, ok := labels[key]; !ok || !reflect.DeepEqual(emptied(value), want) {
			f.add(at.field("selector").field(key), Meaning, "is %v, and the template has %s", want, has(labels, key))
		}
	}
}

func templated(at *path, o object, f *faults) {
	if !o.has("template") {
		f.missing(at.field("template"))
	}
}

func restartsAlways(at *path, o object, f *faults) {
	restarts(at.field("template").field("spec"), o.mapping("template", "spec"), f, "Always")
	if o.mapping("template", "spec").has("activeDeadlineSeconds") {
		f.add(at.field("template").field("spec").field("activeDeadlineSeconds"), Meaning, "is set, and these pods run for ever")
	}
}

func restarts(at *path, pod object, f *faults, words ...string) {
	policy := pod.text("restartPolicy")
	switch policy {
	case "":
		policy = "Always"
	case "Always", "OnFailure", "Never":
	default:
		return // which is none: that is said of the field
	}
	for _, w := range words {
		if w == policy {
			return
		}
	}
	f.add(at.field("restartPolicy"), Words, "is %s, and has to be %s here", policy, strings.Join(words, " or "))
}

func deadline(at *path, o object, f *faults) {
	ready, _ := o.whole("minReadySeconds")
	const otherwise = 600
	most, set := o.whole("progressDeadlineSeconds")
	switch {
	case set && most <= ready && most >= 0:
		f.add(at.field("progressDeadlineSeconds"), Meaning, "is %d, and has to be more than minReadySeconds, %d", most, ready)
	case !o.has("progressDeadlineSeconds") && ready >= otherwise:
		f.add(at.field("minReadySeconds"), Meaning, "is %d, and has to be less than progressDeadlineSeconds, which is %d where it is not set", ready, otherwise)
	}
}

func strategy(at *path, o object, f *faults) {
	if o.text("type") == "Recreate" {
		if o.has("rollingUpdate") {
			f.add(at.field("rollingUpdate"), Meaning, "is set, and type is Recreate")
		}
		return
	}
	rolling := o.mapping("rollingUpdate")
	if rolling.has("maxSurge") && rolling.has("maxUnavailable") && none(rolling["maxSurge"]) && none(rolling["maxUnavailable"]) {
		f.add(at.field("rollingUpdate").field("maxUnavailable"), Meaning, "is 0, and so is maxSurge")
	}
	tooMany(at.field("rollingUpdate").field("maxUnavailable"), rolling["maxUnavailable"], f)
}

func daemonStrategy(at *path, o object, f *faults) {
	if o.text("type") == "OnDelete" {
		return
	}
	rolling := o.mapping("rollingUpdate")
	for _, key := range []string{"maxSurge", "maxUnavailable"} {
		if text := count(rolling[key]); text != "" {
			f.add(at.field("rollingUpdate").field(key), Format, "%s", text)
			return
		}
	}
	surge, unavailable := rolling["maxSurge"], rolling["maxUnavailable"]
	if unavailable == nil {
		unavailable = int64(1)
	}
	switch nothing := surge == nil || none(surge); {
	case nothing && none(unavailable):
		f.add(at.field("rollingUpdate").field("maxUnavailable"), Meaning, "is 0, and there is no maxSurge")
	case !nothing && !none(unavailable):
		f.add(at.field("rollingUpdate").field("maxSurge"), Meaning, "is set, and so is maxUnavailable, which is 1 if it is left out")
	}
	tooMany(at.field("rollingUpdate").field("maxUnavailable"), rolling["maxUnavailable"], f)
}

func statefulStrategy(at *path, o object, f *faults) {
	if o.text("type") == "OnDelete" && o.has("rollingUpdate") {
		f.add(at.field("rollingUpdate"), Meaning, "is set, and type is OnDelete")
	}
}

func none(v any) bool {
	n, ok := share(v)
	return v == int64(0) || ok && n == 0
}

// share is how many in a hundred a text such as 25% is; a number beyond all bounds is
// the largest there is.
func share(v any) (int, bool) {
	s, ok := v.(string)
	if !ok || !percent().MatchString(s) {
		return 0, false
	}
	n, err := strconv.Atoi(strings.TrimSuffix(s, "%"))
	return n, err == nil || n > 0
}

// tooMany refuses a share above 100%.
func tooMany(at *path, v any, f *faults) {
	if n, ok := share(v); ok && n > 100 {
		f.add(at, Range, "is %s, more than 100%%", v)
	}
}

// revisedStrictly is the first version of the server that wants a mapping for data of a
// ControllerRevision.
const revisedStrictly = 36

func claimTemplates(at *path, o object, f *faults) {
	seen := map[string]bool{}
	for i, name := range claimNames(o) {
		here := at.field("volumeClaimTemplates").item(i).field("metadata").field("name")
		switch {
		case name == "":
			f.missing(here)
		case seen[name]:
			f.add(here, Duplicate, "is %s, as another claim is", short(name))
		case label.says(name) != "":
			f.add(here, Format, "%s", label.says(name))
		}
		seen[name] = true
	}
}
