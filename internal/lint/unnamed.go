package lint

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/kpm-sh/kpm/internal/images"
	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/manifest"
)

// unnamed warns of a text that looks like an image and that K3.yaml does not name:
// a mirror of the images lacks it, and it is not rewritten; and of an image whose
// reference is not read.
func unnamed(s *scene, o manifest.Object) kube.Problems {
	var ps kube.Problems
	for _, p := range images.Places(o, s.kube.Images) {
		at, name := field(o.Value, p.Pointer)
		if _, err := images.Parse(p.Ref); err != nil {
			ps = append(ps, s.at(o, "image-reference", at, "%v: no mirror can have it", err))
		}
		if p.Sort == images.Possible {
			ps = append(ps, s.at(o, "unnamed-image", at, "%s seems to name an image: %s; if it does, list it in images of %s, so that mirrors have it", name, p.Ref, kube.MetaPath))
		}
	}
	return ps
}

// field is the place in a value that a JSON pointer leads to, and how it is spelled.
func field(value any, pointer string) (at []any, name string) {
	unescaped := strings.NewReplacer("~1", "/", "~0", "~")
	for token := range strings.SplitSeq(strings.TrimPrefix(pointer, "/"), "/") {
		switch v := value.(type) {
		case []any:
			i, err := strconv.Atoi(token)
			if err != nil || i < 0 || i >= len(v) {
				return at, name
			}
			at, name, value = append(at, i), fmt.Sprintf("%s[%d]", name, i), v[i]
		case map[string]any:
			key := unescaped.Replace(token)
			at, name, value = append(at, key), strings.TrimPrefix(name+"."+key, "."), v[key]
		default:
			return at, name
		}
	}
	return at, name
}
