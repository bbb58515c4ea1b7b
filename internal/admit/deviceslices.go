package admit

import (
	"fmt"
	"regexp"
	"strings"
	"sync"
)

// sliceChecks are the rules of ResourceSlices, in which drivers say what devices there are
// (pkg/apis/resource/validation).
var sliceChecks = map[string][]check{
	"resource.v1.ResourceSliceSpec": {sliceNodes, sliceDevices},
	"resource.v1.ResourcePool":      {pool},
	"resource.v1.Device":            {deviceParts, bindingConditions},
	"resource.v1.DeviceAttribute":   {attributeValue},
	"resource.v1.CounterSet":        {counters},
	"resource.v1.DeviceCounterConsumption": {counters, func(at *path, o object, f *faults) {
		if o.text("counterSet") == "" {
			f.missing(at.field("counterSet"))
		}
	}},
}

// nodes are the ways to say on which nodes devices are; false is none of them.
func nodes(at *path, o object, f *faults, ways ...string) (said []string) {
	for _, key := range ways {
		switch v := o[key]; {
		case v == false:
			f.add(at.field(key), Meaning, "is false: write true, or leave it out")
		case v == "":
			f.add(at.field(key), Required, "is empty: leave it out")
		case v != nil:
			said = append(said, key)
		}
	}
	return said
}

func sliceNodes(at *path, o object, f *faults) {
	ways := []string{"nodeName", "nodeSelector", "allNodes", "perDeviceNodeSelection"}
	f.oneWay(at, nodes(at, o, f, ways...), ways)
	if terms := o.mapping("nodeSelector").list("nodeSelectorTerms"); o.has("nodeSelector") && len(terms) > 1 {
		f.add(at.field("nodeSelector").field("nodeSelectorTerms"), Range, "has %d items, and has to have one", len(terms))
	}
	each := o.is("perDeviceNodeSelection")
	for i, d := range o.items("devices") {
		here := at.field("devices").item(i)
		ways := []string{"nodeName", "nodeSelector", "allNodes"}
		if each {
			f.oneWay(here, nodes(here, d, f, ways...), ways)
			continue
		}
		for _, key := range ways {
			if d.has(key) {
				f.add(here.field(key), Meaning, "is set, and perDeviceNodeSelection of the slice is not")
			}
		}
	}
}

// How many devices and sets of counters a slice has.
const (
	maxDevices     = 128
	maxCounterSets = 8
)

func sliceDevices(at *path, o object, f *faults) {
	if o.has("sharedCounters") && o.has("devices") {
		f.since(36, at.field("sharedCounters"), Meaning, "is set, and so is devices: each has a slice of its own")
	}
	for list, most := range map[string]int{"devices": maxDevices, "sharedCounters": maxCounterSets} {
		if n := len(o.list(list)); n > most {
			f.add(at.field(list), Range, "has %d items, and at most %d are allowed", n, most)
		}
		for _, i := range o.repeated(list, by("name")) {
			f.add(at.field(list).item(i).field("name"), Duplicate, "is there twice")
		}
	}
}

func pool(at *path, o object, f *faults) {
	if n, ok := o.whole("resourceSliceCount"); ok && n <= 0 {
		f.add(at.field("resourceSliceCount"), Range, "is %d, and has to be more", n)
	}
	if n, ok := o.whole("generation"); ok && n < 0 {
		f.add(at.field("generation"), Range, "is %d, and must not be negative", n)
	}
	name := o.text("name")
	if len(name) > 253 {
		f.add(at.field("name"), Format, "has %d characters, and at most 253 are allowed", len(name))
	}
	for part := range strings.SplitSeq(name, "/") {
		if name != "" && (part == "" || subdomain.says(part) != "") {
			f.add(at.field("name"), Format, "is %s, and each part between slashes has to be lower-case letters, digits, dashes and dots", short(name))
			return
		}
	}
}

// maxAttributes is how many attributes and capacities a device has together.
const maxAttributes = 32

func deviceParts(at *path, o object, f *faults) {
	if n := len(o.mapping("attributes")) + len(o.mapping("capacity")); n > maxAttributes {
		f.add(at, Range, "has %d attributes and capacities, and at most %d are allowed", n, maxAttributes)
	}
	for _, list := range []string{"attributes", "capacity"} {
		for _, name := range sorted(o.mapping(list)) {
			if text := deviceWord(name); text != "" {
				f.add(at.field(list).field(name), Format, "%s", text)
			}
		}
	}
	for _, i := range o.repeated("consumesCounters", by("counterSet")) {
		f.add(at.field("consumesCounters").item(i).field("counterSet"), Duplicate, "is there twice")
	}
}

// deviceWord is NAME or DOMAIN/NAME of an attribute or a capacity.
func deviceWord(s string) string {
	domain, name, ok := strings.Cut(s, "/")
	switch {
	case !ok:
		domain, name = "", s
	case strings.Contains(name, "/"):
		return "" // as servers do
	case domain == "" || csiDriver(domain) != "":
		return fmt.Sprintf("is %s, and has to have a domain before the slash", short(s))
	}
	if len(name) > 32 || !identifierForm().MatchString(name) {
		return fmt.Sprintf("is %s: a name is of letters, digits and underscores, no digit first, at most 32", short(s))
	}
	return ""
}

// semver is a version of three numbers, as in 1.2.3-rc.1+build.
var semver = sync.OnceValue(func() *regexp.Regexp {
	const number, pre, build = `(0|[1-9]\d*)`, `(0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)`, `[0-9a-zA-Z-]+`
	return regexp.MustCompile(`^` + number + `\.` + number + `\.` + number + `(-` + pre + `(\.` + pre + `)*)?(\+` + build + `(\.` + build + `)*)?$`)
})

// maxAttributeValue is how long the text of an attribute is.
const maxAttributeValue = 64

func attributeValue(at *path, o object, f *faults) {
	ways := []string{"bool", "int", "string", "version", "bools", "ints", "strings", "versions"}
	var said []string
	for _, key := range ways {
		if !o.has(key) {
			continue
		}
		said = append(said, key)
		if isEmpty(o[key]) {
			f.add(at.field(key), Required, "is empty, and needs an entry")
		}
	}
	f.oneWay(at, said, ways)
	for _, key := range []string{"string", "version"} {
		if v, ok := o[key].(string); ok {
			attributeText(at.field(key), key, v, f)
		}
		for i, v := range o.texts(key + "s") {
			attributeText(at.field(key+"s").item(i), key, v, f)
		}
	}
}

func attributeText(at *path, kind, v string, f *faults) {
	f.sized(at, v, maxAttributeValue)
	if kind == "version" && !semver().MatchString(v) {
		f.add(at, Format, "is %s, and has to be a version of three numbers such as 1.2.3", short(v))
	}
}

func counters(at *path, o object, f *faults) {
	all := o.mapping("counters")
	if len(all) == 0 {
		f.add(at.field("counters"), Required, "is empty, and needs an entry")
	}
	for _, name := range sorted(all) {
		if text := label.says(name); text != "" {
			f.add(at.field("counters").field(name), Format, "%s", text)
		}
	}
}

// bindingConditions holds the conditions that a device is bound under to each other.
func bindingConditions(at *path, o object, f *faults) {
	seen := map[string]bool{}
	for _, list := range []string{"bindingConditions", "bindingFailureConditions"} {
		for i, v := range o.texts(list) {
			if seen[v] {
				f.add(at.field(list).item(i), Duplicate, "is %s, which is there already", short(v))
			}
			seen[v] = true
		}
	}
	if a, b := len(o.list("bindingConditions")), len(o.list("bindingFailureConditions")); (a == 0) != (b == 0) {
		f.add(at, Meaning, "has one of bindingConditions and bindingFailureConditions, and needs both")
	}
}
