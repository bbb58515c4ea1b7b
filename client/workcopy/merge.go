package workcopy

import (
	"bytes"
	"fmt"
	"maps"
	"slices"

	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/lazyregexp"
	"github.com/kpm-sh/kpm/internal/merge"
)

// Merging is a release brought together with the edits of a working copy, in
// memory.
type Merging struct {
	Name, Version string
	Dir           string
	Kube          *kube.Kube // nil when there are conflicts, which nobody applies
	Files         []MergedFile
	Origin        Origin // of the copy, once it is merged

	from   index.Digest           // archive that the copy is of
	was    []kube.File            // what the copy held
	theirs map[string]*merge.File // the release
}

// MergedFile is what became of a file of the copy.
type MergedFile struct {
	Path string
	merge.Result
}

// Conflicts are the paths of the files that the user has to merge.
func (m *Merging) Conflicts() []string {
	var all []string
	for _, f := range m.Files {
		if f.Outcome == merge.Conflict {
			all = append(all, f.Path)
		}
	}
	return all
}

// Merge brings a release and the edits of the copy together, in memory: base is the
// release that the copy was made from, ours what it is now, and theirs the release,
// which comes from there. The copy stays as it is until CommitMerge. With an error
// of what the merge gives, Files still say what became of each.
func (c *Copy) Merge(base, ours, theirs *kube.Kube, from Origin) (*Merging, error) {
	m := &Merging{
		Name: theirs.Name, Version: from.Version, Dir: c.Dir,
		Origin: from.of(theirs), from: c.Origin.Archive, was: ours.Files, theirs: sideOf(theirs),
	}
	m.merge(sideOf(base), sideOf(ours))
	if err := m.giveWay(); err != nil {
		return m, fmt.Errorf("merging into %s: %w", c.Dir, err)
	}
	if len(m.Conflicts()) > 0 {
		return m, nil
	}
	var err error
	if m.Kube, err = m.kube(); err != nil {
		return m, fmt.Errorf("merging %s %s into %s: %w", m.Name, m.Version, c.Dir, err)
	}
	return m, nil
}

// sideOf are the files of a Kube as one side of a merge.
func sideOf(k *kube.Kube) map[string]*merge.File {
	all := map[string]*merge.File{}
	for _, f := range k.Files {
		all[f.Path] = &merge.File{Data: f.Data, Exec: f.Exec}
	}
	return all
}

// merge merges file by file.
func (m *Merging) merge(base, ours map[string]*merge.File) {
	sameVersion(base[kube.MetaPath], m.theirs[kube.MetaPath])
	sameVersion(ours[kube.MetaPath], m.theirs[kube.MetaPath])
	paths := map[string]bool{}
	for _, side := range []map[string]*merge.File{base, ours, m.theirs} {
		for path := range side {
			paths[path] = true
		}
	}
	for _, path := range slices.Sorted(maps.Keys(paths)) {
		m.Files = append(m.Files, MergedFile{path, merge.Merge(path, base[path], ours[path], m.theirs[path])})
	}
}

// versionLine is the line of K3.yaml that says the version.
var versionLine = lazyregexp.New(`(?m)^version:[ \t]+("[^"\n]*"|'[^'\n]*'|[^\s#]+)`)

// sameVersion gives a K3.yaml the version of the release: the copy becomes one of
// that release, whatever else is merged.
func sameVersion(f, release *merge.File) {
	if f == nil || release == nil {
		return
	}
	if version := versionLine().Find(release.Data); version != nil {
		f.Data = versionLine().ReplaceAllLiteral(f.Data, version)
	}
}

// kube is the merged Kube, held to the limits of every other.
func (m *Merging) kube() (*kube.Kube, error) {
	k := &kube.Kube{}
	for _, f := range m.Files {
		if f.File != nil {
			k.Files = append(k.Files, kube.File{Path: f.Path, Data: f.File.Data, Exec: f.File.Exec})
		}
	}
	meta, _ := k.File(kube.MetaPath)
	var err error
	if k.Meta, err = kube.ReadMeta(meta); err != nil {
		return nil, err
	}
	var tar bytes.Buffer
	if err := k.Tar(&tar); err != nil {
		return nil, err
	}
	return k, nil
}

// Copy is the merged copy, to go on with as if it were in place.
func (m *Merging) Copy() *Copy {
	merged := &Copy{Dir: m.Dir, Version: m.Version, Origin: m.Origin}
	for _, f := range m.Files {
		if f.File == nil != (m.theirs[f.Path] == nil) || f.File != nil && index.DigestOf(f.File.Data) != m.Origin.Files[f.Path] {
			merged.Edited = append(merged.Edited, f.Path)
		}
	}
	return merged
}
