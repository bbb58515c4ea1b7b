package admit

import "strings"

// deviceChecks are the rules of claims of devices.
var deviceChecks = map[string][]check{
	"resource.v1.DeviceRequest":      {func(at *path, o object, f *faults) { f.exactlyOne(at, o, "exactly", "firstAvailable") }},
	"resource.v1.ExactDeviceRequest": {deviceCount},
	"resource.v1.DeviceSubRequest":   {deviceCount},
	"resource.v1.DeviceClaim":        {deviceClaim},
	"resource.v1.DeviceConstraint":   {func(at *path, o object, f *faults) { f.exactlyOne(at, o, "matchAttribute", "distinctAttribute") }},
	"resource.v1.DeviceToleration":   {deviceToleration},
}

func deviceCount(at *path, o object, f *faults) {
	n, ok := o.whole("count")
	switch mode := o.text("allocationMode"); {
	case mode == "All" && ok && n != 0:
		f.add(at.field("count"), Meaning, "is set, and allocationMode is All")
	case mode != "All" && ok && n < 0, mode == "ExactCount" && ok && n == 0 && o["count"] == nil:
		f.add(at.field("count"), Range, "is %d, and has to be more than 0", n)
	}
}

// deviceClaim holds what names requests to those that there are.
func deviceClaim(at *path, o object, f *faults) {
	known := map[string]bool{}
	for i, r := range o.items("requests") {
		name := r.text("name")
		if known[name] && name != "" {
			f.add(at.field("requests").item(i).field("name"), Duplicate, "is %s, as another request is", short(name))
		}
		known[name] = true
		subs := map[string]bool{}
		for j, sub := range r.items("firstAvailable") {
			s := sub.text("name")
			if subs[s] && s != "" {
				f.add(at.field("requests").item(i).field("firstAvailable").item(j).field("name"), Duplicate, "is %s, as another one is", short(s))
			}
			subs[s], known[name+"/"+s] = true, true
		}
	}
	for _, list := range []string{"constraints", "config"} {
		for i, c := range o.items(list) {
			for j, v := range c.list("requests") {
				if s, ok := v.(string); ok && !known[s] {
					f.add(at.field(list).item(i).field("requests").item(j), Meaning, "is %s, and no request has that name", short(s))
				}
			}
		}
	}
}

func deviceToleration(at *path, o object, f *faults) {
	operator := o.text("operator")
	switch {
	case o.text("key") == "" && operator != "Exists":
		f.add(at.field("operator"), Meaning, "has to be Exists where there is no key")
	case operator == "Exists" && o.text("value") != "":
		f.add(at.field("value"), Meaning, "is set, and the operator is Exists")
	}
}

// nonResource is a path of the server, with a * at most as its last part.
func nonResource(s string) string {
	trimmed := strings.TrimSuffix(s, "*")
	switch {
	case !strings.HasPrefix(s, "/"):
		return "is " + short(s) + ", and has to begin with /"
	case strings.Contains(s, " "):
		return "is " + short(s) + ", and must not have a blank in it"
	case strings.Contains(s, "//"):
		return "is " + short(s) + ", and must not have // in it"
	case strings.Contains(trimmed, "*") || s != trimmed && !strings.HasSuffix(trimmed, "/"):
		return "is " + short(s) + ", and may have * as its last part alone"
	}
	return ""
}
