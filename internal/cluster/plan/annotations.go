package plan

import (
	"maps"
	"strings"

	"github.com/kpm-sh/kpm/internal/cluster/object"
)

// annotationInputs is the annotation by which the objects of an installation confirm what
// a record of it says. It is in no plan, and changes only with what it stands for.
const annotationInputs = "kpm.sh/inputs"

// AnnotationWith is the annotation of a Secret that stays for a claim of its namespace: the
// claim's name.
const AnnotationWith = "kpm.sh/with"

// unmarked is o without the annotation; o itself when it has none.
func unmarked(o map[string]any) map[string]any {
	if _, marked := object.Map(o, "metadata", "annotations")[annotationInputs]; !marked {
		return o
	}
	o = maps.Clone(o)
	meta, annotations := maps.Clone(object.Map(o, "metadata")), maps.Clone(object.Map(o, "metadata", "annotations"))
	delete(annotations, annotationInputs)
	if meta["annotations"] = annotations; len(annotations) == 0 {
		delete(meta, "annotations")
	}
	o["metadata"] = meta
	return o
}

// inputsOf and sealOf are the halves of what an object carries as kpm.sh/inputs.
func inputsOf(o map[string]any) string {
	inputs, _, _ := strings.Cut(object.Text(o, "metadata", "annotations", annotationInputs), ".")
	return inputs
}

func sealOf(o map[string]any) string {
	_, seal, _ := strings.Cut(object.Text(o, "metadata", "annotations", annotationInputs), ".")
	return seal
}
