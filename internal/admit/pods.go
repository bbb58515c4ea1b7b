package admit

import "fmt"

// podChecks are the rules of pods.
var podChecks = map[string][]check{
	"core.v1.PodSpec":                  {containersOfPod, mounts, hostPorts, dns, ends, trimmedImages},
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
	"core.v1.Sysctl": {},
}

// containerLists are the lists of containers of a pod that share their names.
var containerLists = []string{"initContainers", "containers", "ephemeralContainers"}

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

// mounts holds what containers mount to the volumes of their pod.
func mounts(at *path, o object, f *faults) {
	volumes, claims := map[string]bool{}, map[string]bool{}
	var names []string
	for _, v := range o.items("volumes") {
		name := v.text("name")
		volumes[name], names = true, append(names, name)
		claims[name] = v.has("persistentVolumeClaim") || v.has("ephemeral")
	}
	for _, name := range f.claims {
		volumes[name], claims[name], names = true, true, append(names, name)
	}
	for _, list := range containerLists {
		for i, c := range o.items(list) {
			here := at.field(list).item(i)
			for j, m := range c.items("volumeMounts") {
				f.mounted(here.field("volumeMounts").item(j).field("name"), m.text("name"), volumes, names)
				if m.text("subPath") != "" && m.text("subPathExpr") != "" {
					f.add(here.field("volumeMounts").item(j), Meaning, "has subPath and subPathExpr, and may have one of them")
				}
			}
			for j, d := range c.items("volumeDevices") {
				name := d.text("name")
				f.mounted(here.field("volumeDevices").item(j).field("name"), name, volumes, names)
				if volumes[name] && !claims[name] {
					f.add(here.field("volumeDevices").item(j).field("name"), Meaning, "is %s, which is no claim", short(name))
				}
			}
		}
	}
}

func (f *faults) mounted(at *path, name string, volumes map[string]bool, names []string) {
	switch {
	case name == "" || volumes[name]:
	case len(names) == 0:
		f.add(at, Meaning, "is %s, and the pod has no volumes", short(name))
	default:
		f.add(at, Meaning, "is %s, and the pod's volumes are %s", short(name), listed(names))
	}
}

// trimmedImages refuses blanks around images; the server does not look at those of other
// lists.
func trimmedImages(at *path, o object, f *faults) {
	for i, c := range o.items("containers") {
		if text := spaceless(c.text("image")); text != "" {
			f.add(at.field("containers").item(i).field("image"), Format, "%s", text)
		}
	}
}

// hostPorts refuses a port of the host that is taken twice, and with the network of the
// host another one than the container's.
func hostPorts(at *path, o object, f *faults) {
	taken := map[string]bool{}
	for _, list := range []string{"containers", "initContainers"} {
		for i, c := range o.items(list) {
			for j, p := range c.items("ports") {
				here := at.field(list).item(i).field("ports").item(j)
				port, ok := p.whole("hostPort")
				inside, _ := p.whole("containerPort")
				if !ok || port == 0 {
					continue
				}
				if o.is("hostNetwork") && port != inside {
					f.add(here.field("hostPort"), Meaning, "is %d, and with hostNetwork it has to be the containerPort %d", port, inside)
				}
				protocol := p.text("protocol")
				if protocol == "" {
					protocol = "TCP"
				}
				key := fmt.Sprint(protocol, " ", p.text("hostIP"), " ", port)
				if taken[key] && list == "containers" {
					f.add(here.field("hostPort"), Duplicate, "is %d, which another container of the pod takes", port)
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

// volume: a volume without a source is an empty folder.
func volume(at *path, o object, f *faults) {
	f.atMostOne(at, o, sources...)
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
