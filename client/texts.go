package client

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/render"
)

// texts are all texts and numbers in layers: values that messages must not show.
func texts(layers []render.Layer) []string {
	var all []string
	var walk func(any)
	walk = func(v any) {
		switch v := v.(type) {
		case string:
			all = append(all, v)
		case int, float64:
			all = append(all, fmt.Sprint(v))
		case []any:
			for _, item := range v {
				walk(item)
			}
		case render.Values:
			for _, item := range v {
				walk(item)
			}
		}
	}
	for _, l := range layers {
		walk(l.Values)
	}
	return all
}

// textsAt are the texts at places of a recorded object.
func textsAt(object map[string]any, pointers map[string]bool) []string {
	var all []string
	eachText(object, "", func(at, text string) {
		if pointers[at] {
			all = append(all, text)
		}
	})
	return all
}

// eachText calls do with all texts in a value and the JSON pointers of where they
// stand; with a key at that of its value.
func eachText(value any, at string, do func(at, text string)) {
	switch v := value.(type) {
	case string:
		do(at, v)
	case []any:
		for i, item := range v {
			eachText(item, at+"/"+strconv.Itoa(i), do)
		}
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			below := at + "/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(key)
			do(below, key)
			eachText(v[key], below, do)
		}
	}
}

// masked is an error without values: what is wrong with templates, and with what they
// give, may quote them.
func masked(err error, scrub func(string) string) error {
	var ps kube.Problems
	if !errors.As(err, &ps) {
		return err
	}
	out := slices.Clone(ps)
	for i := range out {
		out[i].Message = scrub(out[i].Message)
	}
	return out
}
