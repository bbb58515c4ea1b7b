package client

import (
	"context"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/kpm-sh/kpm/internal/cluster/history"
	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/manifest"
	"github.com/kpm-sh/kpm/internal/render"
)

// derived are the texts in objects that templates made of the user's texts, or of a
// hook's, in a way that no mask can know: in capitals, reversed, as a digest.
//
// The Kube is rendered once more with other texts in the place of those. A text that
// comes out the same, once the other texts are turned back, shows the user's as it is
// or not at all. So does one that stands in the Kube's own files. All others are
// derived; where the Kube cannot be rendered with other texts, so are all that do not
// stand in its files.
func (p *Prepared) derived(ctx context.Context, objects []manifest.Object) (derivations, error) {
	own, err := layersFor(p.from.opened.Kube, p.from.values.all)
	if err != nil {
		return derivations{}, err
	}
	layers := p.hook.under(own)
	s := newSwap(texts(layers))
	if len(s.swapped) == 0 {
		return derivations{}, nil
	}
	k := p.hook.over(p.from.opened.Kube)
	explained := map[string]bool{}
	others, err := withLayers(ctx, k, s.layers(layers))
	if ctx.Err() != nil {
		return derivations{}, ctx.Err()
	}
	if err == nil {
		for _, o := range others {
			eachText(o.Value, "", func(_, text string) { explained[s.back(text)] = true })
		}
	}
	var d derivations
	found := map[string]bool{}
	for _, o := range objects {
		eachText(o.Value, "", func(at, text string) {
			if _, known := found[text]; !known {
				found[text] = !explained[text] && !s.swaps(text) && !written(k, text)
			}
			if found[text] {
				d.places = append(d.places, history.Place{APIVersion: o.APIVersion, Kind: o.Kind, Name: o.Name, Pointer: at})
			}
		})
	}
	for text, derived := range found {
		if derived {
			d.texts = append(d.texts, text)
		}
	}
	slices.Sort(d.texts)
	return d, nil
}

// derivations are the texts that templates made of values, and where they stand.
type derivations struct {
	texts  []string
	places []history.Place
}

// written reports whether a text stands in a file of the Kube, which anybody may read.
func written(k *kube.Kube, text string) bool {
	return slices.ContainsFunc(k.Files, func(f kube.File) bool { return strings.Contains(string(f.Data), text) })
}

// swap knows another text for each that is to be hidden.
type swap struct {
	swapped map[string]string // the other text by the own
	own     *strings.Replacer // the own texts for the others
}

// shortestSwapped is how many bytes a text has at least to be swapped: of shorter
// ones, which are hidden only where they stand alone, too much looks alike.
const shortestSwapped = 6

func newSwap(own []string) *swap {
	s := &swap{swapped: map[string]string{}}
	r := rand.New(rand.NewPCG(1, 2)) // the same in each run: it is no secret
	var back []string
	for _, text := range own {
		if _, done := s.swapped[text]; done || len(text) < shortestSwapped {
			continue
		}
		s.swapped[text] = other(r, text)
		back = append(back, s.swapped[text], text)
	}
	s.own = strings.NewReplacer(back...)
	return s
}

// other is a text of the same form: letters for letters, digits for digits, so that
// what reads a number, a size or an address of it still can.
func other(r *rand.Rand, text string) string {
	changed := false
	out := strings.Map(func(c rune) rune {
		switch {
		case c >= 'a' && c <= 'z':
			changed = true
			return 'a' + (c-'a'+1+rune(r.IntN(25)))%26
		case c >= 'A' && c <= 'Z':
			changed = true
			return 'A' + (c-'A'+1+rune(r.IntN(25)))%26
		case c >= '1' && c <= '9':
			changed = true
			return '1' + (c-'1'+1+rune(r.IntN(8)))%9
		}
		return c
	}, text)
	if !changed {
		return out + out
	}
	return out
}

func (s *swap) back(text string) string { return s.own.Replace(text) }

// swaps reports whether text is one of the own ones.
func (s *swap) swaps(text string) bool {
	_, ok := s.swapped[text]
	return ok
}

// layers are the same with the other texts.
func (s *swap) layers(own []render.Layer) []render.Layer {
	out := slices.Clone(own)
	for i := range out {
		out[i].Values, _ = s.value(out[i].Values).(render.Values)
	}
	return out
}

func (s *swap) value(value any) any {
	switch v := value.(type) {
	case string:
		if text, ok := s.swapped[v]; ok {
			return text
		}
	case []any:
		out := make([]any, len(v))
		for i, item := range v {
			out[i] = s.value(item)
		}
		return out
	case render.Values:
		out := make(render.Values, len(v))
		for key, item := range v {
			out[key] = s.value(item)
		}
		return out
	}
	return value
}
