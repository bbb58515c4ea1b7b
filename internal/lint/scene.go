package lint

import (
	"fmt"

	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/manifest"
)

// scene is what objects are judged in: those that are applied together, and the
// servers that they are for.
type scene struct {
	objects []manifest.Object
	servers servers
	custom  custom
	lines   map[string]*manifest.Lines // of each file, by path
	text    func(path string) []byte
	waivers map[string]map[string][]span // of each file, by path and rule
	used    map[use]bool                 // of all scenes of a Kube
	kube    *kube.Kube
}

// at is a problem of a field of an object, at its line.
func (s *scene) at(o manifest.Object, rule string, field []any, format string, args ...any) kube.Problem {
	r, ok := find(rule)
	if !ok {
		panic("lint: no rule " + rule)
	}
	return kube.Problem{
		Path: o.Path, Line: s.line(o, field), Message: o.String() + ": " + fmt.Sprintf(format, args...), Warning: r.Warning, Rule: rule,
	}
}

func (s *scene) line(o manifest.Object, field []any) int {
	if len(field) == 0 {
		return o.Line
	}
	l := s.lines[o.Path]
	if l == nil {
		l = manifest.LinesOf(s.text(o.Path))
		s.lines[o.Path] = l
	}
	return l.Of(o, field)
}
