package cluster

// volumeNotes says what becomes of the claims that a live object is or makes.
func volumeNotes(ref Ref, before, after map[string]any, mask *Mask) []Note {
	if before == nil {
		return nil
	}
	var changes []Change
	switch {
	case ref.is("", "PersistentVolumeClaim", "PersistentVolume"):
		changes = compare(ref, only(before, "spec"), only(after, "spec"), mask)
	case ref.is("apps", "StatefulSet"):
		changes = compare(ref, templates(before), templates(after), mask)
	}
	var notes []Note
	for _, c := range changes {
		notes = append(notes, Note{Ref: ref, Text: c.String()})
	}
	return notes
}

func only(o map[string]any, field string) map[string]any {
	return map[string]any{field: o[field]}
}

// templates are the claim templates of a StatefulSet, down to what a manifest
// says: the server adds defaults to those of a live one.
func templates(set map[string]any) map[string]any {
	byName := map[string]any{}
	for _, t := range list(set, "spec", "volumeClaimTemplates") {
		byName[text(t, "metadata", "name")] = map[string]any{
			"accessModes":  dig(t, "spec")["accessModes"],
			"resources":    dig(t, "spec")["resources"],
			"storageClass": dig(t, "spec")["storageClassName"],
		}
	}
	return map[string]any{"volumeClaimTemplates": byName}
}
