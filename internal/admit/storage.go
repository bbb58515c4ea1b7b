package admit

import pathpkg "path" // a path is a place in an object here

// storageChecks are the rules of volumes and claims.
var storageChecks = map[string][]check{
	"core.v1.PersistentVolumeClaimSpec": {claim},
	"core.v1.PersistentVolumeSpec":      {persistentVolume},
}

func claim(at *path, o object, f *faults) {
	storage := o.mapping("resources", "requests")["storage"]
	switch q, ok := amount(storage); {
	case storage == nil:
		f.add(at.field("resources").field("requests").field("storage"), Required, "is missing")
	case ok && q.Cmp(zero) <= 0:
		f.add(at.field("resources").field("requests").field("storage"), Range, "is %v, and has to be more than 0", storage)
	}
	if all := o.list("accessModes"); len(all) > 1 && anyOf(all, "ReadWriteOncePod") {
		f.add(at.field("accessModes"), Meaning, "has ReadWriteOncePod and others, and it stands alone")
	}
	sourceOf(at, o, f)
}

// sourceOf holds the two fields for what a claim is filled from to each other.
func sourceOf(at *path, o object, f *faults) {
	a, b := o.mapping("dataSource"), o.mapping("dataSourceRef")
	if a != nil && (at.up != nil || kept(a)) {
		filledFrom(at.field("dataSource"), a, f)
		if b != nil && b.text("namespace") == "" && (a.text("kind") != b.text("kind") || a.text("name") != b.text("name") || a.text("apiGroup") != b.text("apiGroup")) {
			f.add(at.field("dataSource"), Meaning, "is another than dataSourceRef")
		}
	}
	if b != nil && b.text("namespace") == "" { // else the server drops it
		filledFrom(at.field("dataSourceRef"), b, f)
	}
}

func filledFrom(at *path, m object, f *faults) {
	for _, name := range []string{"kind", "name"} {
		if m.text(name) == "" {
			f.missing(at.field(name))
		}
	}
	group, kind := m.text("apiGroup"), m.text("kind")
	if text := subdomain.says(group); text != "" {
		f.add(at.field("apiGroup"), Format, "%s", text)
	}
	if group == "" && kind != "" && kind != "PersistentVolumeClaim" {
		f.add(at.field("kind"), Words, "is %s: without an apiGroup it has to be PersistentVolumeClaim", short(kind))
	}
}

func persistentVolume(at *path, o object, f *faults) {
	var all []string
	for _, s := range sources {
		switch s {
		case "configMap", "secret", "emptyDir", "gitRepo", "downwardAPI", "projected", "ephemeral", "persistentVolumeClaim", "image":
		default:
			all = append(all, s)
		}
	}
	f.exactlyOne(at, o, append(all, "local")...)
	if all := o.list("accessModes"); len(all) > 1 && anyOf(all, "ReadWriteOncePod") {
		f.add(at.field("accessModes"), Meaning, "has ReadWriteOncePod and others, and it stands alone")
	}
	for _, name := range sorted(o.mapping("capacity")) {
		if name != "storage" {
			f.add(at.field("capacity").field(name), Words, "is nothing that a volume has: write storage")
		}
	}
	recycled(at, o, f)
	if o.has("volumeAttributesClassName") && !o.has("csi") {
		f.add(at.field("volumeAttributesClassName"), Meaning, "is set, and the volume is none of csi")
	}
	if o.has("local") && !o.has("nodeAffinity") {
		f.add(at.field("nodeAffinity"), Required, "is missing, and a local volume needs it")
	}
	if o.has("capacity") && o.mapping("capacity")["storage"] == nil {
		f.add(at.field("capacity").field("storage"), Required, "is missing")
	}
}

func recycled(at *path, o object, f *faults) {
	p := o.mapping("hostPath").text("path")
	if p != "" && pathpkg.Clean(p) == "/" && o.text("persistentVolumeReclaimPolicy") == "Recycle" {
		f.add(at.field("persistentVolumeReclaimPolicy"), Meaning, "is Recycle, and hostPath is /")
	}
}

// kept tells whether the server keeps the dataSource of a claim, and not of a template of one: others than claims and snapshots are
// for dataSourceRef.
func kept(m object) bool {
	return m.text("kind") == "PersistentVolumeClaim" && m.text("apiGroup") == "" || m.text("kind") == "VolumeSnapshot" && m.text("apiGroup") == "snapshot.storage.k8s.io"
}
