package render

import (
	"maps"
	"slices"

	"github.com/kpm-sh/kpm/internal/python"
)

// scope holds variables. What it has not, its parent may have.
type scope struct {
	vars   map[string]any
	parent *scope
}

func (s *scope) child() *scope { return &scope{parent: s} }

func (s *scope) get(name string) (any, bool) {
	for ; s != nil; s = s.parent {
		if v, ok := s.vars[name]; ok {
			return v, true
		}
	}
	return nil, false
}

func (s *scope) set(name string, v any) {
	if s.vars == nil {
		s.vars = map[string]any{}
	}
	s.vars[name] = v
}

// names are all that are visible.
func (s *scope) names() []string {
	var out []string
	for ; s != nil; s = s.parent {
		out = slices.AppendSeq(out, maps.Keys(s.vars))
	}
	return out
}

// own is a value of the caller as templates have it: a copy, so that a template
// cannot change it. Mappings are sorted by their keys.
func own(value any) any {
	switch v := value.(type) {
	case map[string]any:
		d := python.NewDict()
		for _, key := range slices.Sorted(maps.Keys(v)) {
			d.SetText(key, own(v[key]))
		}
		return d
	case []any:
		items := make([]any, len(v))
		for i, item := range v {
			items[i] = own(item)
		}
		return &python.List{Items: items}
	case int64:
		return int(v)
	case float32:
		return float64(v)
	}
	return value
}
