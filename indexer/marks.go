package indexer

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/yamlnode"
)

// remark is what releases.yaml changes in what is published of releases. Who takes back a
// recall is told so: that nobody may have a release must not end unseen.
type remark struct {
	set     []string // "NAME VERSION is yanked: REASON"
	dropped []string // "NAME VERSION is no longer yanked", "NAME is no longer gone"
}

func (r remark) any() bool { return len(r.set)+len(r.dropped) > 0 }

// mark writes into the document what releases.yaml says of releases, and gives what
// changed. Of a Kube that is gone it takes nothing back: its releases.yaml has to say no
// more than that.
func mark(f folder, doc *index.Document) (remark, error) {
	if err := unpublished(f, doc); err != nil {
		return remark{}, err
	}
	var changed remark
	for i, rel := range doc.Releases {
		want := wanted(f.releases, rel.Version)
		if sameMark(rel.Yanked, want) || want == nil && f.releases.Gone != "" {
			continue
		}
		doc.Releases[i].Yanked = want
		which := f.name + " " + rel.Version
		if want != nil {
			changed.set = append(changed.set, fmt.Sprintf("%s is %s: %s", which, kind(want), want.Reason))
		}
		if was := kind(rel.Yanked); was != "" && kind(want) != was && kind(want) != "revoked" {
			changed.dropped = append(changed.dropped, which+" is no longer "+was)
		}
	}
	return changed, nil
}

// wanted is the mark that releases.yaml has for a version, nil for none.
func wanted(r kube.Releases, version string) *index.Yanked {
	if reason, ok := r.Revoked[version]; ok {
		return &index.Yanked{Reason: reason, Revoked: true}
	}
	if reason, ok := r.Yanked[version]; ok {
		return &index.Yanked{Reason: reason}
	}
	return nil
}

// kind is the key of releases.yaml that a mark stands under, "" for none.
func kind(mark *index.Yanked) string {
	switch {
	case mark == nil:
		return ""
	case mark.Revoked:
		return "revoked"
	}
	return "yanked"
}

func sameMark(a, b *index.Yanked) bool {
	if a == nil || b == nil {
		return a == b
	}
	return *a == *b
}

// unpublished refuses marks of versions that were never published.
func unpublished(f folder, doc *index.Document) error {
	var ps kube.Problems
	for key, versions := range map[string]map[string]string{"yanked": f.releases.Yanked, "revoked": f.releases.Revoked} {
		lines := sync.OnceValue(func() map[string]int { return yamlnode.Keys(f.marks, key) })
		for version := range versions {
			if _, ok := doc.Release(version); !ok {
				ps = append(ps, f.mark(lines()[version], "version %s was never published", version))
			}
		}
	}
	if len(ps) == 0 {
		return nil
	}
	ps.Sort()
	return refusal{ps}
}

// refuseLost: what was taken back in a releases.yaml that is no more stays so. A file is
// lost by accident, as a folder is; an entry of one that is there is taken out on purpose.
func refuseLost(f folder, doc *index.Document) error {
	if f.marks != nil {
		return nil
	}
	versions := map[string][]string{}
	for _, rel := range doc.Releases {
		if key := kind(rel.Yanked); key != "" {
			versions[key] = append(versions[key], rel.Version)
		}
	}
	var lost, empty []string
	for _, key := range []string{"revoked", "yanked"} {
		if vs := versions[key]; len(vs) > 0 {
			slices.Reverse(vs)
			lost = append(lost, key+" "+strings.Join(vs, ", "))
			empty = append(empty, "`"+key+": {}`")
		}
	}
	if len(lost) == 0 {
		return nil
	}
	return refusal{kube.Problems{f.mark(0, "is missing, and it is what %s: put it back; to take that back, say %s in it",
		strings.Join(lost, " and "), strings.Join(empty, " and "))}}
}

// warnOfDropped: a release that was taken back may be had again.
func warnOfDropped(f folder, rev *revision) kube.Problems {
	var ps kube.Problems
	path := f.name + "/" + kube.ReleasesPath
	if f.marks == nil {
		path = f.name + "/" + kube.MetaPath
	}
	for _, text := range rev.marks.dropped {
		ps = append(ps, kube.Problem{Path: path, Message: text, Warning: true})
	}
	return ps
}
