package admit

// eventChecks are the rules of Events (pkg/apis/core/validation/events.go): the newer API
// is strict, the older one where eventTime is set.
var eventChecks = map[string][]check{
	"core.v1.Event": {func(at *path, o object, f *faults) {
		if o.has("eventTime") {
			reported(at, o, "reportingComponent", "message", f)
		}
		about(at, o, "involvedObject", f)
	}},
	"events.v1.Event": {func(at *path, o object, f *faults) {
		if !o.has("eventTime") {
			f.missing(at.field("eventTime"))
		}
		reported(at, o, "reportingController", "note", f)
		about(at, o, "regarding", f)
		if kind := o.text("type"); kind == "" {
			f.add(at.field("type"), Required, "is missing: write Normal or Warning")
		} else if kind != "Normal" && kind != "Warning" {
			f.oneOf(at.field("type"), kind, []string{"Normal", "Warning"})
		}
		f.without(at, o, "this API has it to read old Events", "deprecatedFirstTimestamp", "deprecatedLastTimestamp", "deprecatedSource")
		if n, ok := o.whole("deprecatedCount"); ok && n != 0 {
			f.add(at.field("deprecatedCount"), Meaning, "is set, and this API has it to read old Events")
		}
		if n, ok := o.mapping("series").whole("count"); o.has("series") && ok && n < 2 {
			f.add(at.field("series").field("count"), Range, "is %d, and has to be at least 2", n)
		}
	}},
}

// maxEventWord is how long the words of an Event are, and maxEventText its text.
const (
	maxEventWord = 128
	maxEventText = 1024
)

func reported(at *path, o object, controller, text string, f *faults) {
	for _, key := range []string{controller, "reportingInstance", "action", "reason"} {
		v := o.text(key)
		if v == "" {
			f.missing(at.field(key))
		}
		if key != controller {
			f.sized(at.field(key), v, maxEventWord)
		} else if v != "" && qualified(v) != "" {
			f.add(at.field(key), Format, "%s", qualified(v))
		}
	}
	f.sized(at.field(text), o.text(text), maxEventText)
}

// about holds what an Event is about to where the Event lies; kpm gives it a namespace
// where it has none.
func about(at *path, o object, field string, f *faults) {
	of, in := o.mapping(field).text("namespace"), o.mapping("metadata").text("namespace")
	wrong := of != in
	switch {
	case of == "" && o.has("eventTime"):
		wrong = in != "default" && in != "kube-system"
	case of == "":
		wrong = in != "default"
	case o.has("eventTime"):
		wrong = false
	}
	if in != "" && wrong {
		f.add(at.field(field).field("namespace"), Meaning, "is %s, and the Event lies in %s", short(of), in)
	}
}
