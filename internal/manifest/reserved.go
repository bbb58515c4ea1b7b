package manifest

import (
	"github.com/kpm-sh/kpm/internal/lazyregexp"
)

// revisionName is the form of the names of Secrets that kpm keeps its revisions in:
// kpm.NAME.vN, and kpm.NAME.vN.DIGEST.pN for the parts of large ones.
var revisionName = lazyregexp.New(`^kpm\.[^.]*\.v[0-9]+(\.|$)`)

// Reserved tells whether an object would lie where kpm keeps its revisions, whatever
// its type is: who made it first would keep an installation from being changed.
func Reserved(apiVersion, kind, name string) bool {
	return apiVersion == "v1" && kind == "Secret" && revisionName().MatchString(name)
}
