package lint

import (
	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/manifest"
)

// exported warns of what was true in the cluster that an object was exported
// from, and is not in another.
func exported(o manifest.Object) kube.Problems {
	if manifest.Mapping(o.Value, "metadata")["ownerReferences"] == nil {
		return nil
	}
	return kube.Problems{{
		Path: o.Path, Line: o.Line, Warning: true,
		Message: o.String() + " has ownerReferences: they name objects by UIDs that no other cluster has, and kpm leaves them out; take them out",
	}}
}
