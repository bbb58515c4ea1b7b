package admit

import (
	"fmt"
	"net/netip"
	"strings"
)

// sharedChecks are rules of types that objects of several kinds have.
var sharedChecks = map[string][]check{
	"core.v1.EndpointSubset":                    {subset},
	"core.v1.NodeSpec":                          {taints},
	"core.v1.NamespaceSpec":                     {namespaceFinalizers},
	"core.v1.ScopedResourceSelectorRequirement": {scopeRequirement},
	"core.v1.TopologySelectorTerm":              {topologyTerm},
	"storage.v1.StorageClass":                   {allowedTopologies},
	"storage.v1.CSIDriverSpec":                  {tokenRequests},
	"storage.v1.CSINodeDriver":                  {topologyKeys},
	"storage.v1.VolumeAttachmentSource": {func(at *path, o object, f *faults) {
		f.exactlyOne(at, o, "persistentVolumeName", "inlineVolumeSpec")
	}},
	"node.v1.RuntimeClass":                          {runtimeClass},
	"networking.v1.IPAddress":                       {addressName},
	"certificates.v1.CertificateSigningRequestSpec": {signingRequest},
}

// subset wants addresses, and names of several ports.
func subset(at *path, o object, f *faults) {
	if len(o.list("addresses")) == 0 && len(o.list("notReadyAddresses")) == 0 {
		f.add(at, Required, "has neither addresses nor notReadyAddresses")
	}
	for i, p := range o.items("ports") {
		if p.text("name") == "" && len(o.list("ports")) > 1 {
			f.add(at.field("ports").item(i).field("name"), Required, "is missing: each of several ports has a name")
		}
	}
}

func taints(at *path, o object, f *faults) {
	key := func(t object) string { return t.text("key") + ":" + t.text("effect") }
	for _, i := range o.repeated("taints", key) {
		f.add(at.field("taints").item(i), Duplicate, "has the key and effect of another taint, %s", short(key(o.items("taints")[i])))
	}
}

func scopeRequirement(at *path, o object, f *faults) {
	operator, n := o.text("operator"), len(o.list("values"))
	switch scope := o.text("scopeName"); scope {
	case "BestEffort", "NotBestEffort", "Terminating", "NotTerminating", "CrossNamespacePodAffinity":
		if operator != "" && operator != "Exists" {
			f.add(at.field("operator"), Meaning, "is %s, and has to be Exists for %s", operator, scope)
		}
	}
	switch {
	case (operator == "In" || operator == "NotIn") && n == 0:
		f.add(at.field("values"), Required, "is empty, and %s needs a value", operator)
	case (operator == "Exists" || operator == "DoesNotExist") && n > 0:
		f.add(at.field("values"), Meaning, "is set, and %s takes none", operator)
	}
}

func topologyTerm(at *path, o object, f *faults) {
	for _, i := range o.repeated("matchLabelExpressions", by("key")) {
		f.add(at.field("matchLabelExpressions").item(i).field("key"), Duplicate, "is that of another expression")
	}
}

// entirely is the key of items that are the same in all.
func entirely(o object) string { return fmt.Sprint(o) }

func allowedTopologies(at *path, o object, f *faults) {
	for _, i := range o.repeated("allowedTopologies", entirely) {
		f.add(at.field("allowedTopologies").item(i), Duplicate, "is there twice")
	}
}

func tokenRequests(at *path, o object, f *faults) {
	for _, i := range o.repeated("tokenRequests", by("audience")) {
		f.add(at.field("tokenRequests").item(i).field("audience"), Duplicate, "is that of another request")
	}
	if o.has("serviceAccountTokenInSecrets") && len(o.list("tokenRequests")) == 0 {
		f.add(at.field("serviceAccountTokenInSecrets"), Meaning, "is set, and there are no tokenRequests")
	}
}

func topologyKeys(at *path, o object, f *faults) {
	seen := map[string]bool{}
	for i, v := range o.list("topologyKeys") {
		key, ok := v.(string)
		switch here := at.field("topologyKeys").item(i); {
		case !ok: // it is of another type, and that is said
		case key == "":
			f.add(here, Required, "is empty")
		case seen[key]:
			f.add(here, Duplicate, "is there twice")
		}
		seen[key] = true
	}
}

func addressName(at *path, o object, f *faults) {
	name := o.mapping("metadata").text("name")
	if a, err := netip.ParseAddr(name); name != "" && (err != nil || a.String() != name) {
		f.add(at.field("metadata").field("name"), Format, "is %s, and has to be an IP address in its shortest form", short(name))
	}
}

func signingRequest(at *path, o object, f *faults) {
	name := o.text("signerName")
	if name == "kubernetes.io/legacy-unknown" {
		f.add(at.field("signerName"), Words, "is %s, which this version of the API does not take", short(name))
	}
	if domain, rest, ok := strings.Cut(name, "/"); name != "" && (!ok || rest == "" || subdomain.says(domain) != "" || !strings.Contains(domain, ".")) {
		f.add(at.field("signerName"), Format, "is %s, and has to be as in example.org/name", short(name))
	}
	if text := o.text("request"); text != "" && !strings.HasPrefix(text, "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURSBSRVFVRVNU") && base64Text(text) {
		f.add(at.field("request"), Format, "is not the base64 of a PEM block CERTIFICATE REQUEST")
	}
}

// runtimeClass holds what a class adds to pods to what they may have.
func runtimeClass(at *path, o object, f *faults) {
	for _, name := range sorted(o.mapping("overhead", "podFixed")) {
		if !standard(name) && !strings.Contains(name, "/") {
			f.add(at.field("overhead").field("podFixed").field(name), Words, "is no resource of a pod: write cpu, memory or a name with a domain")
		}
	}
	for _, i := range o.mapping("scheduling").repeated("tolerations", entirely) {
		f.add(at.field("scheduling").field("tolerations").item(i), Duplicate, "is there twice")
	}
}
