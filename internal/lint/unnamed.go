package lint

import (
	"fmt"

	"github.com/kpm-sh/kpm/internal/images"
	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/manifest"
)

// unnamed warns of a text that looks like an image and that K3.yaml does not name:
// a mirror of the images lacks it, and it is not rewritten.
func unnamed(k *kube.Kube, o manifest.Object) kube.Problems {
	var ps kube.Problems
	for _, p := range images.Places(o, k.Images) {
		if p.Sort == images.Possible {
			ps = append(ps, kube.Problem{
				Path: o.Path, Line: o.Line, Warning: true,
				Message: fmt.Sprintf("%s seems to name an image at %s: %s; if it does, list it in images of %s, so that mirrors have it", o, p.Pointer, p.Ref, kube.MetaPath),
			})
		}
	}
	return ps
}
