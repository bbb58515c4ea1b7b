package kube

import (
	"fmt"
	"path"
	"strings"
)

// renaming says what a file in manifests/ with that name should be called.
func renaming(base string) string {
	const rule = "manifests holds .yaml, .json, .yaml.tmpl and .json.tmpl"
	stem, tmpl := cutTemplate(strings.ToLower(base))
	ext := path.Ext(stem)
	stem = strings.TrimSuffix(stem, ext)
	switch {
	case ext == ".yml" || ext == ".yaml" || ext == "" && tmpl != "":
		ext = ".yaml"
	case ext != ".json":
		return rule + ": move it elsewhere"
	}
	return fmt.Sprintf("%s: rename it to %s%s%s", rule, base[:len(stem)], ext, tmpl)
}

// cutTemplate takes the usual endings of templates away; tmpl is ours.
func cutTemplate(name string) (stem, tmpl string) {
	for _, ext := range []string{".tmpl", ".tpl", ".gotmpl", ".template", ".j2", ".jinja2", ".jinja"} {
		if s, ok := strings.CutSuffix(name, ext); ok {
			return s, ".tmpl"
		}
	}
	return name, ""
}
