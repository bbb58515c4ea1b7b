package render

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/lazyregexp"
)

var templateWord = lazyregexp.New(`[A-Za-z_][A-Za-z0-9_]*`)

// Unread warns of the values of layers over a Kube's own that change nothing: its
// values.yaml does not have them, and no template names them. A hook may read any.
func Unread(k *kube.Kube, defaults Layer, own ...Layer) kube.Problems {
	if _, hook := k.Hook(); hook || !slices.ContainsFunc(own, func(l Layer) bool { return len(l.Values) > 0 }) {
		return nil
	}
	known := map[string]bool{}
	for key := range defaults.Values {
		known[key] = true
	}
	for _, f := range k.Files {
		if strings.HasSuffix(f.Path, ".tmpl") {
			for _, word := range templateWord().FindAllString(string(f.Data), -1) {
				known[word] = true
			}
		}
	}
	var ps kube.Problems
	names := slices.Sorted(maps.Keys(defaults.Values))
	for _, l := range own {
		for _, key := range slices.Sorted(maps.Keys(l.Values)) {
			if known[key] {
				continue
			}
			known[key] = true // it is said once
			meant := ""
			if len(ps) < maxMeant {
				if near, edits := kube.Nearest(key, names); near != "" && edits <= 2 {
					meant = fmt.Sprintf("; the nearest is %q", near)
				}
			}
			ps = append(ps, kube.Problem{
				Path: l.Name, Line: l.lines[jsonPointer([]string{key})], Warning: true,
				Message: fmt.Sprintf("no template of %s reads the value %q, so it changes nothing%s", k.Name, key, meant),
			})
		}
	}
	return ps
}
