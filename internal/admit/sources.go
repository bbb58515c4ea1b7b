package admit

import (
	"cmp"
	"strings"
)

// sourceChecks are the rules of what volumes are made of.
var sourceChecks = map[string][]check{
	"core.v1.DownwardAPIVolumeFile":           {ofContainer},
	"core.v1.FCVolumeSource":                  {fibre},
	"core.v1.AzureDiskVolumeSource":           {azureDisk},
	"core.v1.QuobyteVolumeSource":             {quobyte},
	"core.v1.FlockerVolumeSource":             {flocker},
	"core.v1.ISCSIVolumeSource":               {chap},
	"core.v1.ISCSIPersistentVolumeSource":     {chap, secretNamed("secretRef")},
	"core.v1.CinderVolumeSource":              {secretNamed("secretRef")},
	"core.v1.CinderPersistentVolumeSource":    {secretPlaced("secretRef")},
	"core.v1.StorageOSVolumeSource":           {secretNamed("secretRef")},
	"core.v1.StorageOSPersistentVolumeSource": {secretPlaced("secretRef")},
	"core.v1.FlexVolumeSource":                {flexOptions},
	"core.v1.FlexPersistentVolumeSource":      {flexOptions},
	"core.v1.CSIVolumeSource":                 {secretNamed("nodePublishSecretRef"), csiSecret},
	"core.v1.CSIPersistentVolumeSource":       {csiSecrets},
	"core.v1.PersistentVolume":                {portalName},
}

// ofContainer wants to know whose resource a file tells.
func ofContainer(at *path, o object, f *faults) {
	if ref := o.mapping("resourceFieldRef"); ref != nil && !o.has("fieldRef") && ref.text("containerName") == "" {
		f.missing(at.field("resourceFieldRef").field("containerName"))
	}
}

func fibre(at *path, o object, f *faults) {
	f.exactlyOne(at, o, "targetWWNs", "wwids")
	if len(o.list("targetWWNs")) == 0 {
		return
	}
	switch n, ok := o.whole("lun"); {
	case !o.has("lun"):
		f.add(at.field("lun"), Required, "is missing, and targetWWNs is set")
	case ok && (n < 0 || n > 255):
		f.add(at.field("lun"), Range, "is %d, and has to be between 0 and 255", n)
	}
}

func azureDisk(at *path, o object, f *faults) {
	uri, begin := o.text("diskURI"), "https://"
	kind := o.text("kind")
	if kind == "Managed" {
		begin = "/subscriptions/"
	}
	// Without a kind the server takes the disk for one of Shared.
	if uri != "" && !strings.HasPrefix(uri, begin) {
		f.add(at.field("diskURI"), Format, "is %s, and has to begin with %s for the kind %s", short(uri), begin, cmp.Or(kind, "Shared"))
	}
}

func quobyte(at *path, o object, f *faults) {
	const most = 64
	registry := o.text("registry")
	if registry == "" {
		return // that is said
	}
	if n := len(o.text("tenant")); n > most {
		f.add(at.field("tenant"), Range, "has %d characters, and at most %d are allowed", n, most)
		return
	}
	for pair := range strings.SplitSeq(registry, ",") {
		if !hostPort(pair) {
			f.add(at.field("registry"), Format, "is %s, and has to be pairs of HOST:PORT, with commas between them", short(registry))
			return
		}
	}
}

// hostPort tells whether a text is HOST:PORT as Go reads it, an address of IPv6 in brackets;
// either may be empty.
func hostPort(s string) bool {
	i := strings.LastIndexByte(s, ':')
	if i < 0 {
		return false
	}
	host, port := s[:i], s[i+1:]
	if inner, ok := strings.CutPrefix(host, "["); ok {
		host, ok = strings.CutSuffix(inner, "]")
		return ok && !strings.ContainsAny(host+port, "[]")
	}
	return !strings.ContainsAny(s, "[]") && !strings.Contains(host, ":")
}

func flocker(at *path, o object, f *faults) {
	name, id := o.text("datasetName"), o.text("datasetUUID")
	switch {
	case name == "" && id == "":
		f.add(at, Required, "has none of datasetName, datasetUUID")
	case name != "" && id != "":
		f.add(at, Meaning, "has datasetName and datasetUUID, and may have one of them")
	}
	if strings.Contains(name, "/") {
		f.add(at.field("datasetName"), Format, "is %s, and must not have a slash", short(name))
	}
}

func chap(at *path, o object, f *faults) {
	if (o.is("chapAuthDiscovery") || o.is("chapAuthSession")) && !o.has("secretRef") {
		f.add(at.field("secretRef"), Required, "is missing, and there is a chapAuthDiscovery or chapAuthSession")
	}
}

// portalName leaves room for the name of a volume in that of an initiator.
func portalName(at *path, o object, f *faults) {
	const most = 64
	iscsi := o.mapping("spec", "iscsi")
	name := o.mapping("metadata").text("name") + ":" + iscsi.text("targetPortal")
	if iscsi.has("initiatorName") && len(name) > most {
		f.add(at.field("spec").field("iscsi").field("targetPortal"), Range, "has %d characters with the name of the volume and a colon, and beside initiatorName at most %d are allowed", len(name), most)
	}
}

// secretNamed wants the name of a Secret.
func secretNamed(field string) check {
	return func(at *path, o object, f *faults) {
		if o.has(field) && o.mapping(field).text("name") == "" {
			f.missing(at.field(field).field("name"))
		}
	}
}

// secretPlaced wants the name of a Secret, and where it lies.
func secretPlaced(field string) check {
	return func(at *path, o object, f *faults) {
		for _, key := range []string{"name", "namespace"} {
			if o.has(field) && o.mapping(field).text(key) == "" {
				f.missing(at.field(field).field(key))
			}
		}
	}
}

func csiSecret(at *path, o object, f *faults) {
	if text := subdomain.says(o.mapping("nodePublishSecretRef")["name"]); text != "" {
		f.add(at.field("nodePublishSecretRef").field("name"), Format, "%s", text)
	}
}

// csiSecrets are all but that of nodeStage, at which the server does not look.
func csiSecrets(at *path, o object, f *faults) {
	for _, field := range []string{"controllerPublishSecretRef", "controllerExpandSecretRef", "nodePublishSecretRef", "nodeExpandSecretRef"} {
		secretPlaced(field)(at, o, f)
		ref := o.mapping(field)
		if text := subdomain.says(ref["name"]); text != "" {
			f.add(at.field(field).field("name"), Format, "%s", text)
		}
		if text := label.says(ref["namespace"]); text != "" {
			f.add(at.field(field).field("namespace"), Format, "%s", text)
		}
	}
}

// flexOptions refuses options of Kubernetes' own.
func flexOptions(at *path, o object, f *faults) {
	for _, key := range sorted(o.mapping("options")) {
		domain, _, _ := strings.Cut(key, "/")
		if domain = "." + strings.ToLower(domain); strings.HasSuffix(domain, ".kubernetes.io") || strings.HasSuffix(domain, ".k8s.io") {
			f.add(at.field("options").field(key), Words, "has the domain of Kubernetes itself")
		}
	}
}
