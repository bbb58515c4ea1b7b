package client

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/render"
)

var templateWord = regexp.MustCompile(`[A-Za-z_][A-Za-z0-9_]*`)

// warnOfUnread says which of the values over a Kube's own change nothing: its
// values.yaml does not have them, and no template names them. A hook may read any.
func warnOfUnread(c *Client, k *kube.Kube, defaults render.Layer, own []render.Layer) {
	if _, hook := k.Hook(); hook || !overrides(own) {
		return
	}
	known := map[string]bool{}
	for key := range defaults.Values {
		known[key] = true
	}
	for _, f := range k.Files {
		if strings.HasSuffix(f.Path, ".tmpl") {
			for _, word := range templateWord.FindAllString(string(f.Data), -1) {
				known[word] = true
			}
		}
	}
	unread := map[string]bool{}
	for _, l := range own {
		for key := range l.Values {
			if !known[key] {
				unread[key] = true
			}
		}
	}
	for _, key := range slices.Sorted(maps.Keys(unread)) {
		meant := ""
		if near, edits := kube.Nearest(key, slices.Sorted(maps.Keys(defaults.Values))); near != "" && edits <= 2 {
			meant = fmt.Sprintf("; the nearest is %q", near)
		}
		c.warn(fmt.Sprintf("no template of %s reads the value %q, so it changes nothing%s", k.Name, key, meant))
	}
}
