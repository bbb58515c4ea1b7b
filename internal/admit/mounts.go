package admit

import "slices"

// mountChecks are the rules of what containers have of the volumes of their pod.
var mountChecks = map[string][]check{
	"core.v1.PodSpec": {mounts, devices, fileKeys},
}

// mounts holds what containers mount to the volumes of their pod.
func mounts(at *path, o object, f *faults) {
	volumes, names := volumesOf(o, f)
	eachContainer(at, o, func(here *path, _ string, c object) {
		for j, m := range c.items("volumeMounts") {
			mounted(here.field("volumeMounts").item(j).field("name"), m.text("name"), volumes, names, f)
			if m.text("subPath") != "" && m.text("subPathExpr") != "" {
				f.add(here.field("volumeMounts").item(j), Meaning, "has subPath and subPathExpr, and may have one of them")
			}
		}
		for j, d := range c.items("volumeDevices") {
			name := d.text("name")
			mounted(here.field("volumeDevices").item(j).field("name"), name, volumes, names, f)
			if claim, ok := volumes[name]; ok && !claim {
				f.add(here.field("volumeDevices").item(j).field("name"), Meaning, "is %s, which is no claim", short(name))
			}
		}
	})
}

// volumesOf are the volumes of a pod, and whether they are claims.
func volumesOf(o object, f *faults) (claims map[string]bool, names []string) {
	claims = map[string]bool{}
	for _, v := range o.items("volumes") {
		name := v.text("name")
		claims[name], names = v.has("persistentVolumeClaim") || v.has("ephemeral"), append(names, name)
	}
	for _, name := range f.claims {
		claims[name], names = true, append(names, name)
	}
	return claims, names
}

func mounted(at *path, name string, volumes map[string]bool, names []string, f *faults) {
	_, ok := volumes[name]
	switch {
	case name == "" || ok:
	case len(names) == 0:
		f.add(at, Meaning, "is %s, and the pod has no volumes", short(name))
	default:
		f.add(at, Meaning, "is %s, and the pod's volumes are %s", short(name), listed(names))
	}
}

// raw is the first version of the server that refuses block devices to a pod with users of
// its own.
const raw = 36

// devices keeps block devices apart from each other and from what is mounted.
func devices(at *path, o object, f *faults) {
	own, set := o["hostUsers"].(bool)
	eachContainer(at, o, func(here *path, _ string, c object) {
		names, paths, seen := map[string]bool{}, map[string]bool{}, map[string]bool{}
		for _, m := range c.items("volumeMounts") {
			names[m.text("name")], paths[m.text("mountPath")] = true, true
		}
		for i, d := range c.items("volumeDevices") {
			here, name, where := here.field("volumeDevices").item(i), d.text("name"), d.text("devicePath")
			if name != "" && names[name] {
				f.add(here.field("name"), Meaning, "is %s, which volumeMounts has, too", short(name))
			}
			if name != "" && seen[name] {
				f.add(here.field("name"), Duplicate, "is %s, as that of another device", short(name))
			}
			if where != "" && paths[where] {
				f.add(here.field("devicePath"), Meaning, "is %s, which is the mountPath of a volume, too", short(where))
			}
			seen[name] = true
		}
		if set && !own && len(c.list("volumeDevices")) > 0 {
			f.since(raw, here.field("volumeDevices"), Meaning, "is set, and hostUsers is false")
		}
	})
}

// fileKeys wants an emptyDir for the files that variables come from.
func fileKeys(at *path, o object, f *faults) {
	empty := map[string]bool{}
	for _, v := range o.items("volumes") {
		// A volume without a source is an empty folder, too.
		empty[v.text("name")] = v.has("emptyDir") || !slices.ContainsFunc(sources, v.has)
	}
	eachContainer(at, o, func(here *path, _ string, c object) {
		for i, e := range c.items("env") {
			name := e.mapping("valueFrom", "fileKeyRef").text("volumeName")
			if ok, known := empty[name]; name != "" && !ok {
				why := "which is no emptyDir"
				if !known {
					why = "and the pod has no such volume"
				}
				f.add(here.field("env").item(i).field("valueFrom").field("fileKeyRef").field("volumeName"), Meaning, "is %s, %s", short(name), why)
			}
		}
	})
}
