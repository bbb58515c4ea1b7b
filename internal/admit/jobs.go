package admit

import (
	"slices"
	"strings"
)

// jobChecks are the rules of Jobs and CronJobs.
var jobChecks = map[string][]check{
	"batch.v1.JobSpec":              {restartsNot, indexed, failurePolicy, managedBy},
	"batch.v1.CronJob":              {cronName},
	"batch.v1.PodFailurePolicyRule": {failureRule},
}

func restartsNot(at *path, o object, f *faults) {
	restarts(at.field("template").field("spec"), o.mapping("template", "spec"), f, "OnFailure", "Never")
	if o.has("selector") && !o.is("manualSelector") {
		f.add(at.field("selector"), Meaning, "is set: a Job makes its own, unless manualSelector is true")
	}
}

// indexed wants completions where parallelism is set: without both the server sets both.
func indexed(at *path, o object, f *faults) {
	if o.text("completionMode") != "Indexed" {
		f.without(at, o, "completionMode is not Indexed", "backoffLimitPerIndex", "maxFailedIndexes", "successPolicy")
		return
	}
	if !o.has("completions") && o.has("parallelism") {
		f.add(at.field("completions"), Required, "is missing, and completionMode is Indexed")
	}
	if o.has("maxFailedIndexes") && !o.has("backoffLimitPerIndex") {
		f.add(at.field("backoffLimitPerIndex"), Required, "is missing, and there is maxFailedIndexes")
	}
}

func failurePolicy(at *path, o object, f *faults) {
	if !o.has("podFailurePolicy") {
		return
	}
	if pod := o.mapping("template", "spec"); pod.text("restartPolicy") == "OnFailure" {
		f.add(at.field("template").field("spec").field("restartPolicy"), Words, "is OnFailure, and has to be Never beside podFailurePolicy")
	}
}

// failureRule holds a rule to one thing that it is about.
func failureRule(at *path, o object, f *faults) {
	codes := o.mapping("onExitCodes")
	switch conditions := len(o.list("onPodConditions")) > 0; {
	case codes == nil && !conditions:
		f.add(at, Required, "has neither onExitCodes nor onPodConditions")
	case codes != nil && conditions:
		f.add(at, Meaning, "has onExitCodes and onPodConditions, and may have one of them")
	}
	exitCodes(at.field("onExitCodes").field("values"), codes, f)
}

// exitCodes holds exit codes to their order.
func exitCodes(at *path, codes object, f *faults) {
	var values []int64
	for _, v := range codes.list("values") {
		n, ok := whole(v)
		if !ok {
			return // its type is wrong
		}
		values = append(values, n)
	}
	if codes.text("operator") == "In" && slices.Contains(values, 0) {
		f.add(at, Range, "has 0, which is no failure, and operator is In")
	}
	if !slices.IsSorted(values) {
		f.add(at, Meaning, "are not in ascending order")
	}
}

func managedBy(at *path, o object, f *faults) {
	if s := o.text("managedBy"); s != "" && !strings.Contains(s, "/") {
		f.add(at.field("managedBy"), Format, "is %s, and needs a domain before it, as in example.org/name", short(s))
	}
}

// cronName leaves room for what the server adds to the names of Jobs.
func cronName(at *path, o object, f *faults) {
	const most = 52
	if n := len(o.mapping("metadata").text("name")); n > most {
		f.add(at.field("metadata").field("name"), Format, "has %d characters, and a CronJob may have %d: its Jobs get longer names", n, most)
	}
}
