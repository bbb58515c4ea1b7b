package pagelist

import (
	"fmt"
	"strings"

	"github.com/kpm-sh/kpm/internal/index"
)

// taken are the files and folders at the root of a site or a mirror that are
// not pages.
var taken = map[string]bool{"kubes": true, "objects": true, "trust": true, "v1": true, "images": true, "mirror.json": true}

// KubeFolder is the folder of the pages of a Kube.
func KubeFolder(name string) string { return "pages/" + name + "/" }

// Address is where the page of a Kube is, of a repository that is served at base; ""
// where its head, which may be nil, names no web site.
func Address(h *index.Head, base, name string) string {
	if h == nil {
		return ""
	}
	if _, drawn := h.Site(); !drawn {
		return ""
	}
	return strings.TrimSuffix(base, "/") + "/" + KubeFolder(name) + "index.html"
}

// checkPath refuses what is no path of a page: one that leads out of the site,
// names a file of the index, is hidden, or cannot be a file name everywhere.
func checkPath(path string) error {
	if path == "" || len(path) > maxPath {
		return fmt.Errorf("path %.80q has not 1 to %d bytes", path, maxPath)
	}
	for i := range len(path) {
		if c := path[i]; c <= ' ' || c > '~' || strings.IndexByte(`\:*?"<>|`, c) >= 0 {
			return fmt.Errorf("path %q has a character that is not allowed", path)
		}
	}
	for part := range strings.SplitSeq(path, "/") {
		if part == "" || strings.HasPrefix(part, ".") || strings.HasSuffix(part, ".") {
			return fmt.Errorf("path %q has the part %q", path, part)
		}
	}
	if top, _, _ := strings.Cut(path, "/"); taken[strings.ToLower(top)] {
		return fmt.Errorf("path %q is not of the web site", path)
	}
	return nil
}
