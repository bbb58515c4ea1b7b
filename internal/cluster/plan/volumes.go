package plan

import (
	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/object"
)

// volumeNotes says what becomes of the claims that a live object is or makes.
func volumeNotes(ref api.Ref, before, after map[string]any, mask *api.Mask) []Note {
	if before == nil {
		return nil
	}
	var changes []Change
	switch {
	case ref.Is("", "PersistentVolumeClaim", "PersistentVolume"):
		changes = compare(ref, only(before, "spec"), only(after, "spec"), mask)
	case ref.Is("apps", "StatefulSet"):
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
	for _, t := range object.List(set, "spec", "volumeClaimTemplates") {
		byName[object.Text(t, "metadata", "name")] = map[string]any{
			"accessModes":  object.Map(t, "spec")["accessModes"],
			"resources":    object.Map(t, "spec")["resources"],
			"storageClass": object.Map(t, "spec")["storageClassName"],
		}
	}
	return map[string]any{"volumeClaimTemplates": byName}
}
