package render

import (
	"fmt"
	"slices"

	"github.com/kpm-sh/kpm/internal/kube"
)

// suggest is how a message goes on about a name that is not there: with the word
// that is spelled most like it, if one is at all. Constants are no help.
func suggest(name string, words []string) string {
	words = slices.DeleteFunc(slices.Clone(words), func(w string) bool {
		return len(w) > 64 || w == "none" || w == "true" || w == "false"
	})
	near, edits := kube.Nearest(name, words)
	if near == "" || len(name) > 64 || edits > 1+len(name)/3 {
		return ""
	}
	return fmt.Sprintf("; the nearest is %q", near)
}
