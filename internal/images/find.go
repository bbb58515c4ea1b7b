package images

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/kpm-sh/kpm/internal/kinds"
	"github.com/kpm-sh/kpm/internal/lazyregexp"
	"github.com/kpm-sh/kpm/internal/manifest"
)

// Sort says how sure it is that a place names an image.
type Sort string

// The sorts of places; the package comment says what each is.
const (
	Container Sort = "container"
	Named     Sort = "named"
	Possible  Sort = "possible"
)

// Place is where an object names an image.
type Place struct {
	Pointer string // of the text, as RFC 6901 has it
	Ref     string // as it is written
	Sort    Sort

	start int // of Ref in the text
}

// Places are those of o, ordered by pointer. named is what K3.yaml lists.
func Places(o manifest.Object, named []string) []Place {
	f := &finder{custom: kinds.Custom(o.APIVersion), named: map[Ref]bool{}}
	for _, text := range named {
		if ref, err := Parse(text); err == nil {
			f.named[ref] = true
		}
	}
	f.walk("", o.Value)
	return f.found
}

// Of are the references that o runs: sorted, each once, as they are written.
func Of(o manifest.Object) []string {
	var refs []string
	for _, p := range Places(o, nil) {
		if p.Sort == Container {
			refs = append(refs, p.Ref)
		}
	}
	slices.Sort(refs)
	return slices.Compact(refs)
}

type finder struct {
	custom bool
	named  map[Ref]bool
	found  []Place
}

var containerLists = []string{"containers", "initContainers", "ephemeralContainers"}

func (f *finder) walk(at string, value any) {
	switch v := value.(type) {
	case map[string]any:
		pod := isPodSpec(v)
		for _, key := range slices.Sorted(maps.Keys(v)) {
			below := at + "/" + escape(key)
			switch {
			case pod && slices.Contains(containerLists, key):
				f.containers(below, v[key])
			case pod && key == "volumes":
				f.volumes(below, v[key])
			default:
				f.walk(below, v[key])
			}
		}
	case []any:
		for i, item := range v {
			f.walk(at+"/"+strconv.Itoa(i), item)
		}
	case string:
		if f.custom && strings.HasPrefix(at, "/spec") {
			f.text(at, v)
		}
	}
}

// isPodSpec reports whether a mapping specifies a pod: it lists containers, one of
// which has an image.
func isPodSpec(m map[string]any) bool {
	return slices.ContainsFunc(containerLists, func(key string) bool {
		list, _ := m[key].([]any)
		return slices.ContainsFunc(list, func(item any) bool {
			c, _ := item.(map[string]any)
			_, runs := c["image"].(string)
			return runs
		})
	})
}

func (f *finder) containers(at string, value any) {
	list, _ := value.([]any)
	for i, item := range list {
		c, _ := item.(map[string]any)
		at := at + "/" + strconv.Itoa(i)
		f.texts(at+"/args", c["args"])
		f.texts(at+"/command", c["command"])
		env, _ := c["env"].([]any)
		for j, item := range env {
			e, _ := item.(map[string]any)
			if text, ok := e["value"].(string); ok {
				f.text(at+"/env/"+strconv.Itoa(j)+"/value", text)
			}
		}
		if ref, ok := c["image"].(string); ok && ref != "" {
			f.found = append(f.found, Place{Pointer: at + "/image", Ref: ref, Sort: Container})
		}
	}
}

func (f *finder) texts(at string, value any) {
	list, _ := value.([]any)
	for i, item := range list {
		if text, ok := item.(string); ok {
			f.text(at+"/"+strconv.Itoa(i), text)
		}
	}
}

func (f *finder) volumes(at string, value any) {
	list, _ := value.([]any)
	for i, item := range list {
		v, _ := item.(map[string]any)
		image, _ := v["image"].(map[string]any)
		if ref, ok := image["reference"].(string); ok && ref != "" {
			f.found = append(f.found, Place{Pointer: at + "/" + strconv.Itoa(i) + "/image/reference", Ref: ref, Sort: Container})
		}
	}
}

// likely is the form of a text that is an image reference and hardly anything
// else: a host with a dot, a path, and a tag or a digest. Parse judges their lengths.
var likely = lazyregexp.New(`^[a-z0-9-]+(?:\.[a-z0-9-]+)+(?::\d+)?/[a-z0-9._/-]+(?::\w[\w.-]*)?(?:@sha256:[a-f0-9]+)?$`)

// text looks at a text that may be a reference, as a whole or after its first `=`.
func (f *finder) text(at, text string) {
	for _, start := range []int{0, strings.IndexByte(text, '=') + 1} {
		part := text[start:]
		ref, err := Parse(part)
		switch {
		case err != nil:
			continue
		case f.named[ref]:
			f.found = append(f.found, Place{at, part, Named, start})
			return
		case likely().MatchString(part) && strings.ContainsAny(part[strings.LastIndexByte(part, '/'):], ":@"):
			f.found = append(f.found, Place{at, part, Possible, start})
			return
		}
	}
}

func escape(key string) string {
	return strings.ReplaceAll(strings.ReplaceAll(key, "~", "~0"), "/", "~1")
}
