package client

import (
	"slices"
	"strings"

	"github.com/kpm-sh/kpm/internal/hook"
	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/render"
)

// hooked is what the hook of a Kube has given. The zero value is that of a Kube
// without one.
type hooked struct {
	digest index.Digest // of the hook
	values index.Digest // of the values that it was run with
	wrote  []kube.File
	layer  *render.Layer // what it set; nil: nothing

	recorded bool // it wrote that in another run, as a record says
	handed   bool // it did not run: the user gave that
}

// files are what it wrote, as they are recorded.
func (h hooked) files() map[string][]byte {
	if len(h.wrote) == 0 {
		return nil
	}
	all := map[string][]byte{}
	for _, f := range h.wrote {
		all[f.Path] = f.Data
	}
	return all
}

// over gives k with what the hook wrote.
func (h hooked) over(k *kube.Kube) *kube.Kube {
	if len(h.wrote) == 0 {
		return k
	}
	written := func(path string) bool {
		return slices.ContainsFunc(h.wrote, func(f kube.File) bool { return f.Path == path })
	}
	out := &kube.Kube{Meta: k.Meta}
	for _, f := range k.Files {
		if !written(f.Path) {
			out.Files = append(out.Files, f)
		}
	}
	out.Files = append(out.Files, h.wrote...)
	slices.SortFunc(out.Files, func(a, b kube.File) int { return strings.Compare(a.Path, b.Path) })
	return out
}

// under gives the layers of the user with what the hook set over them.
func (h hooked) under(own []render.Layer) []render.Layer {
	if h.layer == nil {
		return own
	}
	return append(slices.Clip(own), *h.layer)
}

// with is h with what it wrote.
func (h hooked) with(files []kube.File) (hooked, error) {
	h.wrote = files
	for _, f := range files {
		if f.Path != hook.ValuesPath {
			continue
		}
		l, err := render.ParseValues(hook.ValuesPath, f.Data)
		if err != nil {
			return h, err
		}
		h.layer = &l
	}
	return h, nil
}

// filesOf are recorded files, ascending by path.
func filesOf(recorded map[string][]byte) []kube.File {
	var files []kube.File
	for path, data := range recorded {
		files = append(files, kube.File{Path: path, Data: data})
	}
	slices.SortFunc(files, func(a, b kube.File) int { return strings.Compare(a.Path, b.Path) })
	return files
}
