package repos

import (
	"fmt"

	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/kube"
)

// The kinds of a recall, the worst first.
const (
	Revoked   = "revoked"   // the release is not installed at all
	Withdrawn = "withdrawn" // its archive was taken away
	Yanked    = "yanked"    // nobody is given it who does not name it
	Gone      = "gone"      // the whole Kube was taken out of its repository
)

// Recall says that a release was taken back. Reason is its publisher's text.
type Recall struct {
	Namespace  string `json:"namespace,omitempty"` // where it is installed; "" when no installation is meant
	Name       string `json:"name"`
	Version    string `json:"version"`
	Repository string `json:"repository"` // alias
	Kind       string `json:"kind"`
	Reason     string `json:"reason"`
	Instead    string `json:"instead,omitempty"` // the newest release that may be had; "" when there is none
}

// OfCopy says it of the working copy in a folder, which was made from the release.
func (r Recall) OfCopy(dir string) string {
	done := r.Kind
	if r.Kind == Gone {
		done = "taken away with all of its Kube"
	}
	return fmt.Sprintf("your copy %s is of %s %s, which was %s by repository %s: %s", dir, r.Name, r.Version, done, r.Repository, r.Reason)
}

// judged is r with what a record and its document say of its release; nil when it
// was not taken back. Without the document it is what the record alone says.
func (r Recall) judged(line index.Line, doc *index.Document) *Recall {
	rel := index.Release{}
	if doc != nil {
		rel, _ = doc.Release(r.Version)
		r.Instead = replacementFor(line, doc, r.Version)
	}
	switch {
	case rel.Yanked != nil && rel.Yanked.Revoked:
		r.Kind, r.Reason = Revoked, rel.Yanked.Reason
	case rel.Withdrawn != "":
		r.Kind, r.Reason = Withdrawn, rel.Withdrawn
	case line.Gone != "":
		r.Kind, r.Reason = Gone, line.Gone
	case rel.Yanked != nil:
		r.Kind, r.Reason = Yanked, rel.Yanked.Reason
	case doc == nil && line.Yanked != "":
		r.Kind, r.Reason = Yanked, line.Yanked
	default:
		return nil
	}
	return &r
}

// replacementFor is the newest release that may be had in place of a version: a
// pre-release only in place of one, or where there is nothing else.
func replacementFor(line index.Line, doc *index.Document, version string) string {
	if line.Gone != "" {
		return ""
	}
	was, err := kube.ParseVersion(version)
	pre := err == nil && was.Prerelease() != ""
	rel, _ := doc.Newest(pre, index.Release.Offered)
	return rel.Version
}
