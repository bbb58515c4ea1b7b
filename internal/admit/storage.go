package admit

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
	if o.has("local") && !o.has("nodeAffinity") {
		f.add(at.field("nodeAffinity"), Required, "is missing, and a local volume needs it")
	}
	if o.has("capacity") && o.mapping("capacity")["storage"] == nil {
		f.add(at.field("capacity").field("storage"), Required, "is missing")
	}
}
