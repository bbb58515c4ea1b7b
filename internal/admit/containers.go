package admit

import (
	"math/big"
	"regexp"
	"strings"
	"sync"
)

// containerChecks are the rules of what is in a container.
var containerChecks = map[string][]check{
	"core.v1.EnvVar": {envVar, strictName("name")},
	"core.v1.EnvVarSource": {func(at *path, o object, f *faults) {
		f.exactlyOne(at, o, "fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef", "fileKeyRef")
	}},
	"core.v1.EnvFromSource":        {func(at *path, o object, f *faults) { f.exactlyOne(at, o, "configMapRef", "secretRef") }, strictName("prefix")},
	"core.v1.ConfigMapKeySelector": {referenced},
	"core.v1.SecretKeySelector":    {referenced},
	"core.v1.Probe":                {probe},
	"core.v1.LifecycleHandler":     {func(at *path, o object, f *faults) { f.exactlyOne(at, o, "exec", "httpGet", "tcpSocket", "sleep") }},
	"core.v1.ResourceRequirements": {resources},
	"core.v1.SecurityContext":      {securityContext},
	"core.v1.SeccompProfile":       {localProfile},
	"core.v1.AppArmorProfile":      {localProfile, appArmorProfile},
	"core.v1.Container":            {container},
}

func envVar(at *path, o object, f *faults) {
	if o.text("value") != "" && o.has("valueFrom") {
		f.add(at, Meaning, "has value and valueFrom, and may have one of them")
	}
}

// referenced wants the name of the object that a key is taken from.
func referenced(at *path, o object, f *faults) {
	if o.text("name") == "" {
		f.missing(at.field("name"))
	}
}

func probe(at *path, o object, f *faults) {
	f.exactlyOne(at, o, "exec", "httpGet", "tcpSocket", "grpc")
	kind := ""
	if at != nil {
		kind, _ = at.step.(string)
	}
	if n, ok := o.whole("successThreshold"); ok && n > 1 && (kind == "livenessProbe" || kind == "startupProbe") {
		f.add(at.field("successThreshold"), Meaning, "is %d, and has to be 1 in a %s", n, kind)
	}
	if kind == "readinessProbe" && o.has("terminationGracePeriodSeconds") {
		f.add(at.field("terminationGracePeriodSeconds"), Meaning, "is set, and a readinessProbe ends nothing")
	}
}

func resources(at *path, o object, f *faults) {
	for _, list := range []string{"limits", "requests"} {
		amounts(at.field(list), o.mapping(list), f)
	}
	requestsWithinLimits(at, o, f)
}

// amounts holds resources to what containers may have of them.
func amounts(at *path, m object, f *faults) {
	for _, name := range sorted(m) {
		here := at.field(name)
		if text := qualified(name); text != "" || name == "" {
			f.add(here, Format, "%s", text)
			continue
		}
		own := strings.Contains(name, "/") && !strings.Contains(name, "kubernetes.io/")
		q, ok := amount(m[name])
		switch {
		case !strings.Contains(name, "/") && !standard(name):
			f.add(here, Words, "is no resource of a container: write cpu, memory, ephemeral-storage, hugepages-SIZE or a name with a domain")
		case own && (strings.HasPrefix(name, "requests.") || qualified("requests."+name) != ""):
			f.add(here, Words, "is no name of a resource: quotas put requests. before names")
		case ok && own && !q.IsInt():
			f.add(here, Range, "is %v, and has to be a whole number", m[name])
		case ok && strings.HasPrefix(name, "hugepages-") && !pages(name, q):
			f.add(here, Range, "is %v, and has to be a multiple of the size of a page, %s", m[name], strings.TrimPrefix(name, "hugepages-"))
		}
	}
}

// pages tells whether an amount is of whole huge pages.
func pages(name string, q *big.Rat) bool {
	size, ok := parseQuantity(strings.TrimPrefix(name, "hugepages-"))
	return ok && size.Sign() > 0 && size.IsInt() && new(big.Rat).Quo(q, size).IsInt()
}

func requestsWithinLimits(at *path, o object, f *faults) {
	limits, requests := o.mapping("limits"), o.mapping("requests")
	for _, name := range sorted(requests) {
		request, ok := amount(requests[name])
		limit, limited := amount(limits[name])
		if v, there := limits[name]; there && v == nil {
			limit, limited = zero, true // null is 0
		}
		if ok && limited && request.Cmp(limit) > 0 {
			f.add(at.field("requests").field(name), Meaning, "is %v, more than the limit of %v", requests[name], limits[name])
		}
		if ok && limited && strings.Contains(name, "/") && request.Cmp(limit) != 0 {
			f.add(at.field("requests").field(name), Meaning, "is %v, and has to be the limit of %v", requests[name], limits[name])
		}
	}
}

func securityContext(at *path, o object, f *faults) {
	if v, ok := o["allowPrivilegeEscalation"].(bool); !ok || v {
		return
	}
	if o.is("privileged") {
		f.add(at.field("allowPrivilegeEscalation"), Meaning, "is false, and privileged is true")
	}
	for _, c := range o.mapping("capabilities").list("add") {
		if c == "CAP_SYS_ADMIN" { // SYS_ADMIN is the same to the host, and not to the server
			f.add(at.field("allowPrivilegeEscalation"), Meaning, "is false, and capabilities.add has CAP_SYS_ADMIN")
		}
	}
}

func localProfile(at *path, o object, f *faults) {
	local := o.text("type") == "Localhost"
	switch {
	case local && !o.has("localhostProfile"):
		f.missing(at.field("localhostProfile"))
	case !local && o.has("localhostProfile"):
		f.add(at.field("localhostProfile"), Meaning, "is set, and type is not Localhost")
	}
}

func appArmorProfile(at *path, o object, f *faults) {
	const most = 4095
	profile := o.text("localhostProfile")
	here := at.field("localhostProfile")
	switch {
	case o.text("type") != "Localhost" || !o.has("localhostProfile"):
	case profile == "":
		f.add(here, Required, "is empty")
	case strings.TrimSpace(profile) != profile:
		f.add(here, Format, "%s", spaceless(profile))
	case len(profile) > most:
		f.add(here, Range, "has %d characters, and at most %d are allowed", len(profile), most)
	}
}

// anyNames is the first version of the server that takes nearly any name of a variable
// (RelaxedEnvironmentVariableValidation).
const anyNames = 32

var strictVariable = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[-._a-zA-Z][-._a-zA-Z0-9]*$`) })

// strictName holds the name of a variable, or the beginning of one, to what older servers take.
func strictName(field string) check {
	return func(at *path, o object, f *faults) {
		if name := o.text(field); name != "" && plainWords["envname"].says(name) == "" && !strictVariable().MatchString(name) {
			f.before(anyNames, at.field(field), Format, "is %s, and has to be letters, digits, dots, dashes and underscores, with no digit first", short(name))
		}
	}
}

func container(at *path, o object, f *faults) {
	names := map[string]bool{}
	for i, p := range o.items("ports") {
		if name := p.text("name"); name != "" {
			if names[name] {
				f.add(at.field("ports").item(i).field("name"), Duplicate, "is %s, as another port of the container is", short(name))
			}
			names[name] = true
		}
	}
}
