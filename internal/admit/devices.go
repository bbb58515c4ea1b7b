package admit

// deviceChecks are the rules of claims of devices.
var deviceChecks = map[string][]check{
	"resource.v1.DeviceRequest":      {func(at *path, o object, f *faults) { f.exactlyOne(at, o, "exactly", "firstAvailable") }},
	"resource.v1.ExactDeviceRequest": {deviceCount},
	"resource.v1.DeviceSubRequest":   {deviceCount},
	"resource.v1.DeviceClaim":        {deviceClaim},
	"resource.v1.DeviceConstraint":   {func(at *path, o object, f *faults) { f.exactlyOne(at, o, "matchAttribute", "distinctAttribute") }},
	"resource.v1.DeviceToleration":   {tolerationOperator},
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
