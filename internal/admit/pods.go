package admit

import (
	"cmp"
	"fmt"
	"regexp"
	"strings"
	"sync"
)

// podChecks are the rules of pods.
var podChecks = map[string][]check{
	"core.v1.PodSpec":                  {containersOfPod, hostPorts, dns, ends, trimmedImages},
	"core.v1.Volume":                   {volume},
	"core.v1.Toleration":               {toleration},
	"core.v1.Affinity":                 {},
	"core.v1.NodeSelectorRequirement":  {func(at *path, o object, f *faults) { requirement(at, o, f, true) }},
	"meta.v1.LabelSelectorRequirement": {func(at *path, o object, f *faults) { requirement(at, o, f, false) }},
	"core.v1.NodeSelectorTerm":         {},
	"core.v1.PodAffinityTerm":          {},
	"core.v1.VolumeProjection": {func(at *path, o object, f *faults) {
		f.atMostOne(at, o, "secret", "downwardAPI", "configMap", "serviceAccountToken", "clusterTrustBundle", "podCertificate")
	}},
	"core.v1.DownwardAPIVolumeFile": {func(at *path, o object, f *faults) { f.exactlyOne(at, o, "fieldRef", "resourceFieldRef") }},
	"core.v1.TopologySpreadConstraint": {func(at *path, o object, f *faults) {
		if o.has("minDomains") && o.text("whenUnsatisfiable") == "ScheduleAnyway" {
			f.add(at.field("minDomains"), Meaning, "is set, and whenUnsatisfiable is not DoNotSchedule")
		}
	}},
	"core.v1.Sysctl":       {},
	"core.v1.PodDNSConfig": {searches},
}

func containersOfPod(at *path, o object, f *faults) {
	seen := map[string]string{}
	for _, list := range containerLists {
		for i, c := range o.items(list) {
			here := at.field(list).item(i)
			name := c.text("name")
			if first, ok := seen[name]; ok && name != "" && first != list {
				f.add(here.field("name"), Duplicate, "is %s, as a container of %s is", short(name), first)
			}
			seen[name] = list
			restartPolicy(here, c, list, f)
			if list == "containers" {
				continue
			}
			if policy, ok := c["restartPolicy"].(string); ok && policy == "" {
				f.add(here.field("restartPolicy"), Words, "is empty: leave it out")
			}
			if list == "initContainers" && c.text("restartPolicy") != "Always" {
				f.without(here, c, "an init container that ends has none", "livenessProbe", "readinessProbe", "startupProbe", "lifecycle")
			}
		}
	}
}

// Servers from restartsDropped on leave out what restartsKnown are the first to look at:
// restart policies of containers (ContainerRestartRules). Older ones refuse them.
const (
	restartsDropped = 34
	restartsKnown   = 35
)

func restartPolicy(at *path, c object, list string, f *faults) {
	policy := c.text("restartPolicy")
	here := at.field("restartPolicy")
	switch {
	case policy == "" || list == "ephemeralContainers" || list == "initContainers" && policy == "Always":
	case f.servers.Last >= restartsDropped:
		f.dropped(restartsKnown, here, "is set, and is refused or left out")
	case list == "initContainers":
		f.before(restartsDropped, here, Words, "is %s, and may be Always", short(policy))
	default:
		f.before(restartsDropped, here, Meaning, "is set, and only init containers have one")
	}
}

// trimmedImages refuses blanks around the images of a Pod; the server does not look at those
// of templates.
func trimmedImages(at *path, o object, f *faults) {
	if at.up != nil {
		return
	}
	eachContainer(at, o, func(here *path, _ string, c object) {
		if text := spaceless(c.text("image")); text != "" {
			f.add(here.field("image"), Format, "%s", text)
		}
	})
}

// hostPorts refuses a port of the host that is taken twice, and with the network of the
// host another one than the container's. There each port of a Pod is one of the host; init
// containers run one by one.
func hostPorts(at *path, o object, f *faults) {
	hostNetwork := o.is("hostNetwork")
	taken := map[string]bool{}
	for _, list := range []string{"containers", "initContainers"} {
		for i, c := range o.items(list) {
			if list == "initContainers" {
				taken = map[string]bool{}
			}
			for j, p := range c.items("ports") {
				here := at.field(list).item(i).field("ports").item(j).field("hostPort")
				port, _ := p.whole("hostPort")
				inside, _ := p.whole("containerPort")
				if port == 0 && hostNetwork && at.up == nil {
					port = inside
				}
				if hostNetwork && port != 0 && port != inside && list == "containers" {
					f.add(here, Meaning, "is %d, and with hostNetwork it has to be the containerPort %d", port, inside)
				}
				key := fmt.Sprint(cmp.Or(p.text("protocol"), "TCP"), " ", p.text("hostIP"), " ", port)
				if port != 0 && taken[key] {
					f.add(here, Duplicate, "is %d, which another port of the pod takes", port)
				}
				taken[key] = true
			}
		}
	}
}

func dns(at *path, o object, f *faults) {
	if o.text("dnsPolicy") == "None" && len(o.mapping("dnsConfig").list("nameservers")) == 0 {
		f.add(at.field("dnsConfig"), Required, "has no nameservers, and dnsPolicy is None")
	}
}

// underscored is the first version of the server that takes underscores in the domains that
// names are looked for in, and a dot alone (RelaxedDNSSearchValidation).
const underscored = 33

var searchForm = sync.OnceValue(func() *regexp.Regexp {
	const label = `[a-z0-9_]([-_a-z0-9]*[a-z0-9_])?`
	return regexp.MustCompile(`^` + label + `(\.` + label + `)*$`)
})

// searches holds the domains that names are looked for in to their form.
func searches(at *path, o object, f *faults) {
	const most = 2048
	all := o.texts("searches")
	if n := len(strings.Join(all, " ")); n > most {
		f.add(at.field("searches"), Range, "has %d characters together, and at most %d are allowed", n, most)
	}
	for i, s := range all {
		here, bare := at.field("searches").item(i), strings.TrimSuffix(s, ".")
		switch {
		case s != "." && (len(bare) > 253 || !searchForm().MatchString(bare)):
			f.add(here, Format, "is %s, and has to be a domain", short(s))
		case s == "." || subdomain.says(bare) != "":
			f.before(underscored, here, Format, "is %s, and has to be a domain without underscores", short(s))
		}
	}
}

func ends(at *path, o object, f *faults) {
	if o.is("shareProcessNamespace") && o.is("hostPID") {
		f.add(at.field("shareProcessNamespace"), Meaning, "is true, and so is hostPID")
	}
}

// sources are the kinds of volumes.
var sources = []string{
	"awsElasticBlockStore", "azureDisk", "azureFile", "cephfs", "cinder", "configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "fc", "flexVolume", "flocker",
	"gcePersistentDisk", "gitRepo", "glusterfs", "hostPath", "image", "iscsi", "nfs", "persistentVolumeClaim", "photonPersistentDisk", "portworxVolume", "projected",
	"quobyte", "rbd", "scaleIO", "secret", "storageos", "vsphereVolume",
}

// imageVolumesOn is the first version of the server that has volumes of images (ImageVolume).
const imageVolumesOn = 35

// volume: a volume without a source is an empty folder.
func volume(at *path, o object, f *faults) {
	f.atMostOne(at, o, sources...)
	if o.has("image") {
		f.dropped(imageVolumesOn, at.field("image"), "is left out with all that mounts it")
	}
}

// tolerationOperator holds the operator of a toleration to its key and value.
func tolerationOperator(at *path, o object, f *faults) {
	operator := o.text("operator")
	switch {
	case o.text("key") == "" && operator != "Exists":
		f.add(at.field("operator"), Meaning, "has to be Exists where there is no key")
	case operator == "Exists" && o.text("value") != "":
		f.add(at.field("value"), Meaning, "is set, and the operator is Exists")
	}
}

func toleration(at *path, o object, f *faults) {
	tolerationOperator(at, o, f)
	if o.has("tolerationSeconds") && o.text("effect") != "NoExecute" {
		f.add(at.field("effect"), Meaning, "has to be NoExecute where tolerationSeconds is set")
	}
}

// requirement holds the values of a requirement to its operator.
func requirement(at *path, o object, f *faults, ordered bool) {
	n := len(o.list("values"))
	switch op := o.text("operator"); {
	case (op == "In" || op == "NotIn") && n == 0:
		f.add(at.field("values"), Required, "is empty, and %s needs a value", op)
	case (op == "Exists" || op == "DoesNotExist") && n > 0:
		f.add(at.field("values"), Meaning, "is set, and %s takes none", op)
	case ordered && (op == "Gt" || op == "Lt") && n != 1:
		f.add(at.field("values"), Meaning, "has %d values, and %s takes one", n, op)
	}
	for i, v := range o.list("values") {
		if text := plainWords["labelvalue"].says(v); text != "" && !ordered {
			f.add(at.field("values").item(i), Format, "%s", text)
		}
	}
}
