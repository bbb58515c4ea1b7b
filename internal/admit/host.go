package admit

import (
	"encoding/base64"
	"math"
	"math/big"
	"strings"

	"github.com/kpm-sh/kpm/internal/lazyregexp"
)

// hostChecks are the rules of what pods have of their host, and ask of it.
var hostChecks = map[string][]check{
	"core.v1.Pod":                           {imageVolumes, ownClaims},
	"core.v1.PodSpec":                       {hostNames, userNamespace, ofWindows, containerHosts, hostSysctls},
	"core.v1.PodSecurityContext":            {sysctls, labelChange, groups},
	"core.v1.VolumeMount":                   {readOnlyMount},
	"core.v1.EnvVarSource":                  {divisor, given(inVariables, "a variable")},
	"core.v1.DownwardAPIVolumeFile":         {divisor, given(inFiles, "a file")},
	"core.v1.PersistentVolumeClaimTemplate": {namelessClaim},
	"core.v1.ProjectedVolumeSource":         {projected},
}

// userNamespace refuses namespaces of the host to a pod with users of its own.
func userNamespace(at *path, o object, f *faults) {
	own, set := o["hostUsers"].(bool)
	if set && !own {
		for _, key := range []string{"hostPID", "hostIPC", "hostNetwork"} {
			if o.is(key) {
				f.add(at.field(key), Meaning, "is true, and hostUsers is false")
			}
		}
		return
	}
	for _, list := range containerLists {
		for i, c := range o.items(list) {
			if c.mapping("securityContext").text("procMount") == "Unmasked" {
				f.add(at.field(list).item(i).field("securityContext").field("procMount"), Meaning, "is Unmasked, and hostUsers is not false")
			}
		}
	}
}

// hostNames holds the name that a pod gives its host to what else gives it one.
func hostNames(at *path, o object, f *faults) {
	for _, key := range []string{"setHostnameAsFQDN", "hostNetwork"} {
		if o.has("hostnameOverride") && o.is(key) {
			f.add(at.field("hostnameOverride"), Meaning, "is set, and %s is true", key)
		}
	}
}

// linuxOnly are the fields of a pod's and a container's securityContext that Windows
// does not have.
var (
	linuxPod       = strings.Fields("appArmorProfile seLinuxOptions seccompProfile fsGroup fsGroupChangePolicy sysctls runAsUser runAsGroup supplementalGroups supplementalGroupsPolicy seLinuxChangePolicy")
	linuxContainer = strings.Fields("appArmorProfile seLinuxOptions seccompProfile capabilities readOnlyRootFilesystem privileged allowPrivilegeEscalation procMount runAsUser runAsGroup")
)

// ofWindows refuses to pods of one system what only the other has.
func ofWindows(at *path, o object, f *faults) {
	system := o.mapping("os").text("name")
	if system != "windows" && system != "linux" {
		return
	}
	refuse := func(at *path, m object, fields ...string) {
		for _, key := range fields {
			if m.has(key) {
				f.add(at.field(key), Meaning, "is set, and os.name is %s", system)
			}
		}
	}
	podFields, containerFields := linuxPod, linuxContainer
	if system == "linux" {
		podFields, containerFields = []string{"windowsOptions"}, []string{"windowsOptions"}
	} else {
		refuse(at, o, "hostUsers", "hostPID", "hostIPC", "shareProcessNamespace", "resources")
	}
	refuse(at.field("securityContext"), o.mapping("securityContext"), podFields...)
	for _, list := range containerLists {
		for i, c := range o.items(list) {
			refuse(at.field(list).item(i).field("securityContext"), c.mapping("securityContext"), containerFields...)
		}
	}
}

// containerHosts holds containers to what only some may do.
func containerHosts(at *path, o object, f *faults) {
	never := o.text("restartPolicy") == "Never"
	for _, list := range containerLists {
		for i, c := range o.items(list) {
			here := at.field(list).item(i)
			for j, m := range c.items("volumeMounts") {
				if m.text("mountPropagation") == "Bidirectional" && !c.mapping("securityContext").is("privileged") {
					f.add(here.field("volumeMounts").item(j).field("mountPropagation"), Meaning, "is Bidirectional, and the container is not privileged")
				}
			}
			if list == "initContainers" && c.text("restartPolicy") != "Always" {
				restartsResized(here, c, f)
			}
			resized := map[string]bool{}
			for j, p := range c.items("resizePolicy") {
				name, at := p.text("resourceName"), here.field("resizePolicy").item(j)
				switch {
				case resized[name]:
					f.add(at.field("resourceName"), Duplicate, "is %s, as that of another item", short(name))
				case never && p.text("restartPolicy") == "RestartContainer":
					f.add(at.field("restartPolicy"), Meaning, "is RestartContainer, and the restartPolicy of the pod is Never")
				}
				resized[name] = true
			}
			if list == "containers" && len(c.list("restartPolicyRules")) > 0 && c.text("restartPolicy") == "" {
				f.add(here.field("restartPolicy"), Required, "is missing, and there are restartPolicyRules")
			}
		}
	}
}

// resizedAtOnce is the first version of the server that refuses to restart an init container
// which has ended when it is resized.
const resizedAtOnce = 36

func restartsResized(at *path, c object, f *faults) {
	for j, p := range c.items("resizePolicy") {
		if p.text("restartPolicy") == "RestartContainer" {
			f.since(resizedAtOnce, at.field("resizePolicy").item(j).field("restartPolicy"), Words, "is RestartContainer, and has to be NotRequired in an init container that ends")
		}
	}
}

// groups are numbers; a null among them is 0.
func groups(at *path, o object, f *faults) {
	for i, v := range o.list("supplementalGroups") {
		if text := number(0, math.MaxInt32).says(v); text != "" {
			f.add(at.field("supplementalGroups").item(i), Range, "%s", text)
		}
	}
}

// mountsLabelled is the first version of the server that may take SELinux labels by options
// of mounts; before it SELinuxMount is off.
const mountsLabelled = 37

func labelChange(at *path, o object, f *faults) {
	switch policy := o.text("seLinuxChangePolicy"); policy {
	case "", "Recursive":
	case "MountOption":
		f.before(mountsLabelled, at.field("seLinuxChangePolicy"), Words, "is MountOption, and may be Recursive")
	default:
		f.add(at.field("seLinuxChangePolicy"), Words, "is %s, and may be Recursive or MountOption", short(policy))
	}
}

// sysctls refuses a setting twice.
func sysctls(at *path, o object, f *faults) {
	for _, i := range o.repeated("sysctls", by("name")) {
		f.add(at.field("sysctls").item(i).field("name"), Duplicate, "is %s, as another one is", short(o.items("sysctls")[i].text("name")))
	}
}

// hostSysctls refuses settings of what the pod shares with its host.
func hostSysctls(at *path, o object, f *faults) {
	for i, s := range o.mapping("securityContext").items("sysctls") {
		name := strings.ReplaceAll(s.text("name"), "/", ".")
		host := ""
		switch {
		case strings.HasPrefix(name, "net."):
			host = "hostNetwork"
		case name == "kernel.sem" || strings.HasPrefix(name, "kernel.shm") || strings.HasPrefix(name, "kernel.msg") || strings.HasPrefix(name, "fs.mqueue."):
			host = "hostIPC"
		}
		if host != "" && o.is(host) {
			f.add(at.field("securityContext").field("sysctls").item(i).field("name"), Meaning, "is %s, which the pod does not have of its own where %s is true", short(name), host)
		}
	}
}

func readOnlyMount(at *path, o object, f *faults) {
	word := o.text("recursiveReadOnly")
	if word != "IfPossible" && word != "Enabled" {
		return
	}
	if !o.is("readOnly") {
		f.add(at.field("recursiveReadOnly"), Meaning, "is %s, and readOnly is not true", word)
	}
	if p := o.text("mountPropagation"); p != "" && p != "None" {
		f.add(at.field("recursiveReadOnly"), Meaning, "is %s, and mountPropagation is %s", word, p)
	}
}

var divisorForm = lazyregexp.New(`^1([kMGTPE]i?|Ki)?$`)

// divisor is the unit in which a container is told of a resource.
func divisor(at *path, o object, f *faults) {
	ref := o.mapping("resourceFieldRef")
	if !ref.has("divisor") {
		return
	}
	_, name, _ := strings.Cut(ref.text("resource"), ".")
	q, ok := amount(ref["divisor"])
	switch {
	case !ok || q.Sign() == 0 || name == "":
	case name == "cpu":
		if q.Cmp(big.NewRat(1, 1)) != 0 && q.Cmp(big.NewRat(1, 1000)) != 0 {
			f.add(at.field("resourceFieldRef").field("divisor"), Words, "is %v, and may be 1 or 1m for cpu", ref["divisor"])
		}
	default:
		if s, text := ref["divisor"].(string); text && !divisorForm().MatchString(s) || !text && q.Cmp(big.NewRat(1, 1)) != 0 {
			f.add(at.field("resourceFieldRef").field("divisor"), Words, "is %v, and may be 1, or 1 with one of k M G T P E Ki Mi Gi Ti Pi Ei", ref["divisor"])
		}
	}
}

// namelessClaim refuses what the server makes itself of a claim for one pod.
func namelessClaim(at *path, o object, f *faults) {
	for _, key := range sorted(o.mapping("metadata")) {
		if key != "labels" && key != "annotations" && o.mapping("metadata").has(key) && o.mapping("metadata")[key] != "" {
			f.add(at.field("metadata").field(key), Meaning, "is set, and may not be: the pod names its claims")
		}
	}
}

// projected refuses two files of one path. That of a token is not among them.
func projected(at *path, o object, f *faults) {
	seen := map[string]bool{}
	for i, source := range o.items("sources") {
		for _, kind := range []string{"secret", "configMap", "downwardAPI"} {
			for j, item := range source.mapping(kind).items("items") {
				p := item.text("path")
				if seen[p] && p != "" {
					f.add(at.field("sources").item(i).field(kind).field("items").item(j).field("path"), Duplicate, "is %s, as that of another file", short(p))
				}
				seen[p] = true
			}
		}
	}
}

// imageVolumes of a Pod name their image; in a template something else may do so.
func imageVolumes(at *path, o object, f *faults) {
	for i, v := range o.mapping("spec").items("volumes") {
		if v.has("image") && v.mapping("image").text("reference") == "" {
			f.missing(at.field("spec").field("volumes").item(i).field("image").field("reference"))
		}
	}
}

// ownClaims keeps a Pod from the claims that it makes for its ephemeral volumes.
func ownClaims(at *path, o object, f *faults) {
	ours := map[string]bool{}
	volumes := o.mapping("spec").items("volumes")
	for _, v := range volumes {
		ours[o.mapping("metadata").text("name")+"-"+v.text("name")] = v.has("ephemeral")
	}
	for i, v := range volumes {
		if name := v.mapping("persistentVolumeClaim").text("claimName"); ours[name] {
			f.add(at.field("spec").field("volumes").item(i).field("persistentVolumeClaim").field("claimName"), Meaning, "is %s, a claim that the pod makes for an ephemeral volume", short(name))
		}
	}
}

// base64Text tells whether a text is base64.
func base64Text(s string) bool {
	_, err := base64.StdEncoding.DecodeString(s)
	return err == nil
}

// given refuses a field of a pod that is known, and cannot be had where it is wanted.
func given(known, where string) check {
	return func(at *path, o object, f *faults) {
		s := o.mapping("fieldRef").text("fieldPath")
		if s != "" && fieldPath(s) == "" && !keyed().MatchString(s) && !strings.Contains(known, " "+s+" ") {
			f.add(at.field("fieldRef").field("fieldPath"), Words, "is %s, and in %s it may be %s", short(s), where, strings.ReplaceAll(strings.TrimSpace(known), " ", ", "))
		}
	}
}
