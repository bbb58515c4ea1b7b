package admit

import (
	"net/netip"
	"strings"
)

// networkChecks are the rules of networking, discovery and webhooks.
var networkChecks = map[string][]check{
	"networking.v1.IngressSpec": {func(at *path, o object, f *faults) {
		if len(o.list("rules")) == 0 && !o.has("defaultBackend") {
			f.add(at, Required, "has neither rules nor a defaultBackend")
		}
	}},
	"networking.v1.ServiceCIDRSpec": {oneOfEachFamily("cidrs")},
	"core.v1.NodeSpec":              {oneOfEachFamily("podCIDRs")},
	"networking.v1.IngressBackend": {func(at *path, o object, f *faults) {
		f.exactlyOne(at, o, "service", "resource")
		for _, key := range []string{"kind", "name"} {
			if o.has("resource") && o.mapping("resource").text(key) == "" {
				f.missing(at.field("resource").field(key))
			}
		}
	}},
	"networking.v1.Ingress":            {ingressClass},
	"networking.v1.ServiceBackendPort": {backendPort},
	"networking.v1.HTTPIngressPath":    {ingressPath},
	"networking.v1.NetworkPolicyPeer":  {peer},
	"networking.v1.IPBlock":            {ipBlock},
	"networking.v1.NetworkPolicyPort": {func(at *path, o object, f *faults) {
		end, ok := o.whole("endPort")
		port, number := o.whole("port")
		if ok && (!number || end < port) {
			f.add(at.field("endPort"), Meaning, "has to come after a port that is a number")
		}
	}},
	"networking.v1.IngressRule": {func(at *path, o object, f *faults) {
		if _, err := netip.ParseAddr(o.text("host")); err == nil {
			f.add(at.field("host"), Format, "is %s, an address, and has to be a name", short(o.text("host")))
		}
	}},
	"networking.v1.NetworkPolicySpec": {func(at *path, o object, f *faults) {
		if len(o.list("policyTypes")) > 2 {
			f.add(at.field("policyTypes"), Range, "has %d items, and there are two types", len(o.list("policyTypes")))
		}
	}},
	"networking.v1.IngressClassParametersReference": {classParameters},
	"networking.v1.IngressClassSpec": {func(at *path, o object, f *faults) {
		if o.text("controller") == "" {
			f.missing(at.field("controller"))
		}
	}},
	"admissionregistration.v1.WebhookClientConfig": {webhookClient},
	"admissionregistration.v1.Rule":                {},
	"admissionregistration.v1.ServiceReference":    {webhookPath},
	"apiextensions.v1.ServiceReference":            {webhookPath},
	"apiextensions.v1.WebhookClientConfig":         {webhookClient},
	"admissionregistration.v1.ValidatingWebhook":   {reviewVersions},
	"admissionregistration.v1.MutatingWebhook":     {reviewVersions},
	"admissionregistration.v1.RuleWithOperations":  {wildcards},
	"apiregistration.v1.APIServiceSpec":            {apiService},
	"apiregistration.v1.APIService":                {apiServiceName},
	"discovery.v1.EndpointSlice":                   {endpoints},
}

func classParameters(at *path, o object, f *faults) {
	switch scope := o.text("scope"); {
	case scope == "Namespace" && o.text("namespace") == "":
		f.add(at.field("namespace"), Required, "is missing, and scope is Namespace")
	case (scope == "Cluster" || !o.has("scope")) && o.has("namespace"):
		f.add(at.field("namespace"), Meaning, "is set, and scope is Cluster")
	}
}

func backendPort(at *path, o object, f *faults) {
	n, ok := o.whole("number")
	name := o.text("name")
	switch {
	case name == "" && (!ok || n == 0):
		f.add(at, Required, "has neither a name nor a number")
	case name != "" && ok && n != 0:
		f.add(at, Meaning, "has a name and a number, and may have one of them")
	}
}

func ingressPath(at *path, o object, f *faults) {
	kind, path := o.text("pathType"), o.text("path")
	switch {
	case kind != "Exact" && kind != "Prefix":
		if path != "" && !strings.HasPrefix(path, "/") {
			f.add(at.field("path"), Format, "is %s, and has to begin with /", short(path))
		}
	case !strings.HasPrefix(path, "/"):
		f.add(at.field("path"), Format, "is %s, and has to begin with /", short(path))
	default:
		for _, bad := range []string{"//", "/./", "/../", "%2f", "%2F"} {
			if strings.Contains(path, bad) {
				f.add(at.field("path"), Format, "is %s, and must not have %s in it", short(path), bad)
			}
		}
		for _, bad := range []string{"/..", "/."} {
			if strings.HasSuffix(path, bad) {
				f.add(at.field("path"), Format, "is %s, and must not end with %s", short(path), bad)
			}
		}
	}
}

func peer(at *path, o object, f *faults) {
	if !o.has("podSelector") && !o.has("namespaceSelector") && !o.has("ipBlock") {
		f.add(at, Required, "has none of podSelector, namespaceSelector, ipBlock")
	}
	if o.has("ipBlock") && (o.has("podSelector") || o.has("namespaceSelector")) {
		f.add(at, Meaning, "has an ipBlock and a selector, and may have one of them")
	}
}

func ipBlock(at *path, o object, f *faults) {
	whole, ok := ipRange(o.text("cidr"))
	if !ok {
		return
	}
	for i, v := range o.list("except") {
		s, _ := v.(string)
		part, ok := ipRange(s)
		if ok && (!whole.Contains(part.Masked().Addr()) || part.Bits() <= whole.Bits()) {
			f.add(at.field("except").item(i), Meaning, "is %s, which is not a part of %s", s, o.text("cidr"))
		}
	}
}

func apiService(at *path, o object, f *faults) {
	if !o.has("service") {
		if o.is("insecureSkipTLSVerify") {
			f.add(at.field("insecureSkipTLSVerify"), Meaning, "is true, and there is no service")
		}
		return
	}
	service := o.mapping("service")
	for _, key := range []string{"name", "namespace"} {
		if service.text(key) == "" {
			f.missing(at.field("service").field(key))
		}
	}
	if o.is("insecureSkipTLSVerify") && o.text("caBundle") != "" {
		f.add(at.field("insecureSkipTLSVerify"), Meaning, "is true, and there is a caBundle")
	}
}

func apiServiceName(at *path, o object, f *faults) {
	spec := o.mapping("spec")
	if want := spec.text("version") + "." + spec.text("group"); o.mapping("metadata").text("name") != want {
		f.add(at.field("metadata").field("name"), Meaning, "has to be VERSION.GROUP, %s", want)
	}
}

func endpoints(at *path, o object, f *faults) {
	kind := o.text("addressType")
	for i, e := range o.items("endpoints") {
		for j, v := range e.list("addresses") {
			s, _ := v.(string)
			here := at.field("endpoints").item(i).field("addresses").item(j)
			endpointAddress(here, kind, s, f)
		}
		hints(at.field("endpoints").item(i).field("hints"), e.mapping("hints"), f)
	}
	names := map[string]bool{}
	for i, p := range o.items("ports") {
		name := p.text("name")
		if names[name] {
			f.add(at.field("ports").item(i).field("name"), Duplicate, "is %s, as another port is", short(name))
		}
		names[name] = true
		if text := label.says(name); text != "" {
			f.add(at.field("ports").item(i).field("name"), Format, "%s", text)
		}
	}
}

// ingressClass holds the old way to name a class to the new one.
func ingressClass(at *path, o object, f *faults) {
	const old = "kubernetes.io/ingress.class"
	name, ok := o.mapping("metadata", "annotations")[old].(string)
	if class := o.mapping("spec").text("ingressClassName"); ok && class != "" && class != name {
		f.add(at.field("metadata").field("annotations").field(old), Meaning, "is %s, and ingressClassName is %s", short(name), class)
	}
}

func endpointAddress(at *path, kind, s string, f *faults) {
	a, ok := address(s)
	switch {
	case kind == "FQDN":
		if text := subdomain.says(trimDot(s)); text != "" || !strings.Contains(trimDot(s), ".") {
			f.add(at, Format, "is %s, and has to be a domain of two parts or more", short(s))
		}
	case kind != "IPv4" && kind != "IPv6": // that is said
	case !ok, a.Unmap().Is4() != (kind == "IPv4"):
		f.add(at, Format, "is %s, which is no %s address", short(s), kind)
	case endpointIP(s) != "":
		f.add(at, Format, "%s", endpointIP(s))
	case strictIP(s) != "":
		f.since(strictAddresses, at, Format, "%s", strictIP(s))
	case kind == "IPv6" && a.String() != s:
		f.since(strictAddresses, at, Format, "is %s: write %s", short(s), a)
	}
}

// hints are for whom an endpoint is.
func hints(at *path, o object, f *faults) {
	for _, list := range []string{"forZones", "forNodes"} {
		for _, i := range o.repeated(list, by("name")) {
			f.add(at.field(list).item(i).field("name"), Duplicate, "is there twice")
		}
	}
}
