package admit

import (
	"strings"

	"github.com/kpm-sh/kpm/internal/lazyregexp"
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

var strictVariable = lazyregexp.New(`^[-._a-zA-Z][-._a-zA-Z0-9]*$`)

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
