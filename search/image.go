package search

import (
	"maps"
	"slices"
	"strings"
)

// termSet is a set of non-empty terms.
type termSet map[string]bool

func (s termSet) add(term string) {
	if term != "" {
		s[term] = true
	}
}

func (s termSet) terms() []string {
	return slices.Sorted(maps.Keys(s))
}

// imageTerms is what `image:` finds references by.
func imageTerms(refs []string) []string {
	set := termSet{}
	for _, ref := range refs {
		addImage(set, strings.ToLower(ref))
	}
	return set.terms()
}

// addImage adds each run of whole path parts of a reference: of
// docker.io/library/postgres:17@sha256:… these are docker.io, library, postgres,
// docker.io/library, library/postgres and the whole path. Runs that end with the
// last part are added with the tag, too. The digest is not searched for.
func addImage(set termSet, ref string) {
	ref, _, _ = strings.Cut(ref, "@")
	path, tag := ref, ""
	if i := strings.LastIndexByte(ref, ':'); i > strings.LastIndexByte(ref, '/') {
		path, tag = ref[:i], ref[i:]
	}
	parts := strings.Split(path, "/")
	if len(parts) > maxImageParts {
		parts = parts[len(parts)-maxImageParts:]
	}
	for i := range parts {
		for j := i + 1; j <= len(parts); j++ {
			set.add(strings.Join(parts[i:j], "/"))
		}
		set.add(strings.Join(parts[i:], "/") + tag)
	}
}

// maxImageParts bounds the terms of one reference; its last parts count.
const maxImageParts = 8
