package lint

import (
	"fmt"

	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/manifest"
)

// retired warns of a kind that servers of today do not have. It is no error: a
// Kube may be for older ones.
func retired(o manifest.Object) kube.Problems {
	r, ok := manifest.RetiredKind(o.APIVersion, o.Kind)
	if !ok {
		return nil
	}
	return kube.Problems{{
		Path: o.Path, Line: o.Line, Warning: true,
		Message: fmt.Sprintf("%s in %s: %s", o.Kind, o.APIVersion, r),
	}}
}
