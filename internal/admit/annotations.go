package admit

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
)

// annotationChecks are the rules of what the annotations of pods mean to servers.
var annotationChecks = map[string][]check{
	"core.v1.Pod":             {podAnnotations},
	"core.v1.PodTemplateSpec": {podAnnotations},
}

const (
	apparmorOf = "container.apparmor.security.beta.kubernetes.io/"
	seccompOf  = "container.seccomp.security.alpha.kubernetes.io/"
	seccompPod = "seccomp.security.alpha.kubernetes.io/pod"
	mirror     = "kubernetes.io/config.mirror"
	cost       = "controller.kubernetes.io/pod-deletion-cost"
	tolerances = "scheduler.alpha.kubernetes.io/tolerations"
)

// podAnnotations holds those of a pod, or of a template of pods, to it.
func podAnnotations(at *path, o object, f *faults) {
	all, spec := o.mapping("metadata", "annotations"), o.mapping("spec")
	if len(all) == 0 {
		return
	}
	here := at.field("metadata").field("annotations")
	if _, ok := all[mirror]; ok {
		mirrored(here.field(mirror), at, spec, f)
	}
	if v, ok := all[cost].(string); ok && !wholeText(v) {
		f.add(here.field(cost), Format, "is %s, and has to be a whole number of 32 bits, without + or zeros before it", short(v))
	}
	if v := all.text(tolerances); v != "" {
		toleratedIn(here.field(tolerances), v, f)
	}
	names := map[string]bool{}
	eachContainer(nil, spec, func(_ *path, _ string, c object) { names[c.text("name")] = true })
	for _, key := range sorted(all) {
		v, _ := all[key].(string)
		switch {
		case strings.HasPrefix(key, apparmorOf):
			apparmorAnnotation(here.field(key), strings.TrimPrefix(key, apparmorOf), v, names, f)
		case (key == seccompPod || strings.HasPrefix(key, seccompOf)) && !seccompName(v):
			f.add(here.field(key), Words, "is %s, and may be runtime/default, unconfined or localhost/PATH", short(v))
		}
	}
	profiles(at.field("spec"), all, spec, f)
}

// mirrored holds a pod that stands for one which a node runs by itself to that.
func mirrored(here, at *path, spec object, f *faults) {
	if spec.text("nodeName") == "" {
		f.add(here, Meaning, "is set, and spec.nodeName is not")
	}
	if at == nil && len(spec.list("resourceClaims")) > 0 {
		f.add(here, Meaning, "is set, and such a pod has no resourceClaims")
	}
}

func wholeText(s string) bool {
	_, err := strconv.ParseInt(s, 10, 32)
	return err == nil && s[0] != '+' && (s[0] != '0' || s == "0")
}

// toleratedIn reads what the server does: a list of tolerations, field by field.
func toleratedIn(at *path, s string, f *faults) {
	var all []struct {
		Key, Operator, Value, Effect string
		TolerationSeconds            *int64
	}
	if err := json.Unmarshal([]byte(s), &all); err != nil {
		f.add(at, Format, "is no list of tolerations in JSON")
		return
	}
	for _, t := range all {
		o := object{"key": t.Key, "operator": t.Operator, "value": t.Value, "effect": t.Effect}
		if t.TolerationSeconds != nil {
			o["tolerationSeconds"] = *t.TolerationSeconds
		}
		found := faults{servers: f.servers}
		if text := qualified(t.Key); t.Key != "" && text != "" {
			found.add(&path{nil, "key"}, Format, "%s", text)
		}
		if !slices.Contains([]string{"", "Equal", "Exists", "Gt", "Lt"}, t.Operator) {
			found.oneOf(&path{nil, "operator"}, t.Operator, []string{"Equal", "Exists"})
		}
		if effects := []string{"NoSchedule", "PreferNoSchedule", "NoExecute"}; t.Effect != "" && !slices.Contains(effects, t.Effect) {
			found.oneOf(&path{nil, "effect"}, t.Effect, effects)
		}
		toleration(nil, o, &found)
		tolerated(nil, o, &found)
		if len(found.all) > 0 {
			f.add(at, found.all[0].Sort, "has a toleration whose %s %s", found.all[0].Where(), found.all[0].Message)
		}
	}
}

func apparmorAnnotation(at *path, container, v string, containers map[string]bool, f *faults) {
	if !containers[container] {
		f.add(at, Meaning, "is set, and the pod has no container %s", short(container))
	}
	if v != "" && v != "runtime/default" && v != "unconfined" && !strings.HasPrefix(v, "localhost/") {
		f.add(at, Words, "is %s, and may be runtime/default, unconfined or localhost/PROFILE", short(v))
	}
}

func seccompName(s string) bool {
	name, local := strings.CutPrefix(s, "localhost/")
	return s == "runtime/default" || s == "docker/default" || s == "unconfined" || local && relative(name) == ""
}

// profiles holds the profiles of a pod and of its containers to what annotations say of them.
func profiles(at *path, all, spec object, f *faults) {
	differs(at.field("securityContext").field("seccompProfile"), all, seccompPod, spec.mapping("securityContext", "seccompProfile"), f)
	windows := spec.mapping("os").text("name") == "windows"
	eachContainer(at, spec, func(here *path, _ string, c object) {
		here = here.field("securityContext")
		differs(here.field("seccompProfile"), all, seccompOf+c.text("name"), c.mapping("securityContext", "seccompProfile"), f)
		armor := c.mapping("securityContext", "appArmorProfile")
		if armor == nil && at.up != nil { // a Pod's container gets that of the annotation
			armor = spec.mapping("securityContext", "appArmorProfile")
		}
		if !windows {
			differs(here.field("appArmorProfile"), all, apparmorOf+c.text("name"), armor, f)
		}
	})
}

func differs(at *path, all object, key string, profile object, f *faults) {
	v, ok := all[key].(string)
	if !ok || profile == nil {
		return
	}
	want := map[string]bool{}
	switch profile.text("type") {
	case "Unconfined":
		want["unconfined"] = true
	case "RuntimeDefault":
		want["runtime/default"], want["docker/default"] = true, !strings.HasPrefix(key, apparmorOf)
	case "Localhost":
		want["localhost/"+profile.text("localhostProfile")] = true
	default:
		return // that is said
	}
	if !want[v] {
		f.add(at, Meaning, "is another than what the annotation %s says, %s", key, short(v))
	}
}
