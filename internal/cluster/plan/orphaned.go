package plan

import (
	"context"
	"fmt"
	"strings"

	"github.com/kpm-sh/kpm/internal/cluster/api"
)

// isOrphaned tells whether a live object was left behind by an installation that is no
// more: a claim or a CRD that stayed when the rest went. Whoever may not read
// records in its namespace takes it for installed.
func isOrphaned(ctx context.Context, p *planner, live map[string]any) bool {
	of := api.InstallationOf(live)
	installed, err := p.request.Others(ctx, of.Namespace, of.Name)
	return err == nil && of.Check() == nil && len(installed) == 0
}

// takesBack tells whether what is in the way of an apply is the installation's own, so
// that nobody has to be asked: fields of one that left the object behind, those of a
// definition that has lost its webhook, and the value that stands for the inputs, which
// is another manager's where a backup was restored and means nothing to it.
func takesBack(i api.Installation, d *desired, live map[string]any, adopted bool, err error) bool {
	if conflictsOnlyOver(err, ".metadata.annotations."+annotationInputs) {
		return i.OwnerOf(live) == api.Ours
	}
	return conflictsOnlyWith(err, api.InstallationOf(live).Manager()) && (adopted || d.ref.Is("apiextensions.k8s.io", "CustomResourceDefinition"))
}

// conflictsOnlyOver tells whether one field alone is in the way of an apply.
func conflictsOnlyOver(err error, field string) bool {
	conflicts := api.FieldConflicts(err)
	for _, c := range conflicts {
		if !strings.HasPrefix(c, field+": ") {
			return false
		}
	}
	return len(conflicts) > 0
}

// conflictsOnlyWith tells whether nobody but one manager is in the way of an
// apply.
func conflictsOnlyWith(err error, manager string) bool {
	conflicts := api.FieldConflicts(err)
	for _, c := range conflicts {
		if !strings.Contains(c, fmt.Sprintf("conflict with %q", manager)) {
			return false
		}
	}
	return len(conflicts) > 0
}

// belongs says whose an object is, and how it could become another's.
func belongs(object api.Ref, to api.Installation) string {
	text := "it belongs to " + to.String()
	if object.Namespace == "" {
		text += ", and there is only one in the cluster"
	}
	return text + fmt.Sprintf(" (kpm uninstall %s -n %s gives it up)", to.Name, to.Namespace)
}
