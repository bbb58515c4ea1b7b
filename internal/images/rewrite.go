package images

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/kpm-sh/kpm/internal/manifest"
)

// Annotation keeps, on an object whose references were rewritten, what was replaced:
// JSON, the text as it was by its JSON pointer. It is not on pod templates.
const Annotation = "kpm.sh/images"

// Rewrite gives o with each Container and Named reference replaced by what to says of
// it, and o itself where nothing is. o is not changed.
func Rewrite(o manifest.Object, named []string, to func(ref string) (string, error)) (manifest.Object, error) {
	replaced := map[string]string{}
	value := o.Value
	for _, p := range Places(o, named) {
		if p.Sort == Possible {
			continue
		}
		ref, err := to(p.Ref)
		if err != nil {
			return o, fmt.Errorf("%s %s: %w", o, p.Pointer, err)
		}
		if len(replaced) == 0 {
			value = clone(o.Value).(map[string]any)
		}
		replaced[p.Pointer] = replaceAt(value, p, ref)
	}
	if len(replaced) == 0 {
		return o, nil
	}
	note, err := json.Marshal(replaced)
	if err != nil {
		return o, err
	}
	meta, _ := value["metadata"].(map[string]any)
	notes, _ := meta["annotations"].(map[string]any)
	if meta == nil {
		return o, nil
	}
	if notes == nil {
		notes = map[string]any{}
	}
	notes[Annotation] = string(note)
	meta["annotations"] = notes
	o.Value = value
	return o, nil
}

// replaceAt puts ref at a place, and gives the text that was there.
func replaceAt(value any, p Place, ref string) (was string) {
	steps := strings.Split(strings.TrimPrefix(p.Pointer, "/"), "/")
	for _, step := range steps[:len(steps)-1] {
		value = child(value, step)
	}
	last := steps[len(steps)-1]
	was, _ = child(value, last).(string)
	text := was[:p.start] + ref
	switch v := value.(type) {
	case map[string]any:
		v[unescape(last)] = text
	case []any:
		if i, err := strconv.Atoi(last); err == nil {
			v[i] = text
		}
	}
	return was
}

func child(value any, step string) any {
	switch v := value.(type) {
	case map[string]any:
		return v[unescape(step)]
	case []any:
		if i, err := strconv.Atoi(step); err == nil && i < len(v) {
			return v[i]
		}
	}
	return nil
}

func unescape(step string) string {
	return strings.ReplaceAll(strings.ReplaceAll(step, "~1", "/"), "~0", "~")
}

func clone(value any) any {
	switch v := value.(type) {
	case map[string]any:
		out := maps.Clone(v)
		for key, item := range out {
			out[key] = clone(item)
		}
		return out
	case []any:
		out := slices.Clone(v)
		for i, item := range out {
			out[i] = clone(item)
		}
		return out
	}
	return value
}
