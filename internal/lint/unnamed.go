package lint

import (
	"github.com/kpm-sh/kpm/internal/images"
	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/manifest"
)

// unnamed warns of a text that looks like an image and that K3.yaml does not name:
// a mirror of the images lacks it, and it is not rewritten.
func unnamed(s *scene, o manifest.Object) kube.Problems {
	var ps kube.Problems
	for _, p := range images.Places(o, s.kube.Images) {
		if p.Sort == images.Possible {
			ps = append(ps, s.at(o, "unnamed-image", nil, "seems to name an image at %s: %s; if it does, list it in images of %s, so that mirrors have it", p.Pointer, p.Ref, kube.MetaPath))
		}
	}
	return ps
}
