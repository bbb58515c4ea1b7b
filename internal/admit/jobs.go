package admit

import (
	"slices"
	"strconv"
	"strings"

	"github.com/kpm-sh/kpm/internal/lazyregexp"
)

// jobChecks are the rules of Jobs and CronJobs.
var jobChecks = map[string][]check{
	"batch.v1.JobSpec":              {restartsNot, indexed, failurePolicy, successPolicy, managedBy},
	"batch.v1.Job":                  {jobName, jobLabels, jobSelector},
	"batch.v1.CronJob":              {cronName, cronJobs},
	"batch.v1.PodFailurePolicyRule": {failureRule},
}

func restartsNot(at *path, o object, f *faults) {
	restarts(at.field("template").field("spec"), o.mapping("template", "spec"), f, "OnFailure", "Never")
	if s := o.mapping("selector"); (len(s.mapping("matchLabels")) > 0 || len(s.list("matchExpressions")) > 0) && !o.is("manualSelector") {
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
	most, ok := o.whole("completions")
	switch n, limited := o.whole("maxFailedIndexes"); {
	case limited && !o.has("backoffLimitPerIndex"):
		f.add(at.field("backoffLimitPerIndex"), Required, "is missing, and there is maxFailedIndexes")
	case limited && ok && n > most:
		f.add(at.field("maxFailedIndexes"), Range, "is %d, more than the completions", n)
	}
	for _, field := range []string{"parallelism", "maxFailedIndexes"} {
		if n, _ := o.whole(field); n > maxIndexed {
			f.add(at.field(field), Range, "is %d, and at most %d are allowed where completionMode is Indexed", n, maxIndexed)
		}
	}
	if most > maxIndexed && o.has("backoffLimitPerIndex") {
		manyIndexes(at, o, f)
	}
}

// maxOfMany is how much there may be at once where there are more than maxIndexed.
const maxOfMany = 10_000

func manyIndexes(at *path, o object, f *faults) {
	if !o.has("maxFailedIndexes") {
		f.add(at.field("maxFailedIndexes"), Required, "is missing, and there are more than %d completions and a backoffLimitPerIndex", maxIndexed)
	}
	for _, field := range []string{"parallelism", "maxFailedIndexes"} {
		if n, _ := o.whole(field); n > maxOfMany && n <= maxIndexed {
			f.add(at.field(field), Range, "is %d, and at most %d are allowed beside more than %d completions and a backoffLimitPerIndex", n, maxOfMany, maxIndexed)
		}
	}
}

func failurePolicy(at *path, o object, f *faults) {
	if !o.has("podFailurePolicy") {
		return
	}
	names := map[string]bool{}
	for _, list := range containerLists {
		for _, c := range o.mapping("template", "spec").items(list) {
			names[c.text("name")] = true
		}
	}
	for i, r := range o.mapping("podFailurePolicy").items("rules") {
		here := at.field("podFailurePolicy").field("rules").item(i)
		if r.text("action") == "FailIndex" && !o.has("backoffLimitPerIndex") {
			f.add(here.field("action"), Meaning, "is FailIndex, and there is no backoffLimitPerIndex")
		}
		if name, ok := r.mapping("onExitCodes")["containerName"].(string); ok && !names[name] {
			f.add(here.field("onExitCodes").field("containerName"), Meaning, "is %s, and no container has that name", short(name))
		}
	}
	if p := o.text("podReplacementPolicy"); p != "" && p != "Failed" {
		f.add(at.field("podReplacementPolicy"), Words, "is %s, and has to be Failed beside podFailurePolicy", p)
	}
	if pod := o.mapping("template", "spec"); pod.text("restartPolicy") == "OnFailure" {
		f.add(at.field("template").field("spec").field("restartPolicy"), Words, "is OnFailure, and has to be Never beside podFailurePolicy")
	}
}

// maxIndexed are the pods that a Job with indexes may run at once.
const maxIndexed = 100_000

// successPolicy holds the rules of success to the indexes that there are.
func successPolicy(at *path, o object, f *faults) {
	completions, ok := o.whole("completions")
	if !o.has("completions") && !o.has("parallelism") {
		completions, ok = 1, true
	}
	if o.text("completionMode") != "Indexed" || !ok {
		return
	}
	for i, r := range o.mapping("successPolicy").items("rules") {
		here := at.field("successPolicy").field("rules").item(i)
		count, counted := r.whole("succeededCount")
		total, fault := indexes(r.text("succeededIndexes"), completions)
		switch {
		case !counted && !r.has("succeededIndexes"):
			f.add(here, Required, "has neither succeededIndexes nor succeededCount")
		case fault != "":
			f.add(here.field("succeededIndexes"), Format, "%s", fault)
		case counted && count > completions:
			f.add(here.field("succeededCount"), Range, "is %d, more than the completions", count)
		case counted && r.has("succeededIndexes") && count > total:
			f.add(here.field("succeededCount"), Range, "is %d, more than the %d succeededIndexes", count, total)
		}
	}
}

// indexes counts those of a text such as 0,3-5, and says what is wrong with it.
func indexes(s string, completions int64) (total int64, fault string) {
	last := int64(-1)
	for part := range strings.SplitSeq(s, ",") {
		if s == "" {
			break
		}
		from, to, ranged := strings.Cut(part, "-")
		if !ranged {
			to = from
		}
		a, errA := strconv.ParseInt(from, 10, 32)
		b, errB := strconv.ParseInt(to, 10, 32)
		switch {
		case errA != nil || errB != nil || a < 0 || ranged && a >= b:
			return 0, "has " + short(part) + ", and has to be numbers and ranges such as 0,3-5"
		case b >= completions:
			return 0, "has " + short(part) + ", which is beyond the completions"
		case a <= last:
			return 0, "is not in ascending order at " + short(part)
		}
		total, last = total+b-a+1, b
	}
	return total, ""
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

var pathForm = lazyregexp.New(`^[A-Za-z0-9/\-._~%!$&'()*+,;=:]+$`)

func managedBy(at *path, o object, f *faults) {
	s := o.text("managedBy")
	domain, rest, ok := strings.Cut(s, "/")
	if s != "" && (!ok || domain == "" || subdomain.says(domain) != "" || !pathForm().MatchString(rest)) {
		f.add(at.field("managedBy"), Format, "is %s, and has to be a domain and a path, as in example.org/name", short(s))
	}
}

// jobName leaves room for what the name of a Job is put into: a label of its pods, and with
// the number of an index their host names.
func jobName(at *path, o object, f *faults) {
	const most = 63
	name, spec := o.mapping("metadata").text("name"), o.mapping("spec")
	here := at.field("metadata").field("name")
	if len(name) > most && !spec.is("manualSelector") {
		f.add(here, Format, "has %d characters, and a Job may have %d: its pods have its name in a label", len(name), most)
		return
	}
	n, ok := spec.whole("completions")
	if !ok && !spec.has("parallelism") {
		n = 1
	}
	if host := name + "-" + strconv.FormatInt(n-1, 10); spec.text("completionMode") == "Indexed" && n > 0 && name != "" && label.says(host) != "" {
		f.add(here, Format, "is %s, and the pods of an Indexed Job have host names such as %s: at most %d letters, digits and dashes", short(name), short(host), most)
	}
}

// jobLabels refuses labels that the server sets itself to other values. The identity of a Job
// is not known before it is there.
func jobLabels(at *path, o object, f *faults) {
	if o.mapping("spec").is("manualSelector") {
		return
	}
	labels := o.mapping("spec", "template", "metadata", "labels")
	name := o.mapping("metadata").text("name")
	here := at.field("spec").field("template").field("metadata").field("labels")
	for _, key := range []string{"job-name", "batch.kubernetes.io/job-name"} {
		if v, ok := labels[key]; ok && emptied(v) != name {
			f.add(here.field(key), Meaning, "is %v, and has to be the name of the Job: leave it out", emptied(v))
		}
	}
	for _, key := range []string{"controller-uid", "batch.kubernetes.io/controller-uid"} {
		if _, ok := labels[key]; ok {
			f.add(here.field(key), Meaning, "is set, and the server sets it to what the Job has as its uid: leave it out")
		}
	}
}

// jobSelector wants a selector where the server makes none, and one that fits.
func jobSelector(at *path, o object, f *faults) {
	spec := o.mapping("spec")
	if !spec.is("manualSelector") {
		return
	}
	here := at.field("spec").field("selector")
	if !spec.has("selector") {
		f.add(here, Required, "is missing, and manualSelector is true")
		return
	}
	fits(here, spec.mapping("selector"), spec.mapping("template", "metadata", "labels"), f)
}

// cronJobs refuses what the server fills in, or takes, in Jobs alone.
func cronJobs(at *path, o object, f *faults) {
	job := o.mapping("spec", "jobTemplate", "spec")
	here := at.field("spec").field("jobTemplate").field("spec")
	if job.text("completionMode") == "Indexed" && !job.has("completions") && !job.has("parallelism") {
		f.add(here.field("completions"), Required, "is missing, and completionMode is Indexed")
	}
	if job.is("manualSelector") {
		f.add(here.field("manualSelector"), Words, "is true, and the Jobs of a CronJob make their own selectors")
	}
}

// cronName leaves room for what the server adds to the names of Jobs.
func cronName(at *path, o object, f *faults) {
	const most = 52
	if n := len(o.mapping("metadata").text("name")); n > most {
		f.add(at.field("metadata").field("name"), Format, "has %d characters, and a CronJob may have %d: its Jobs get longer names", n, most)
	}
}
