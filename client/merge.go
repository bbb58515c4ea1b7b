package client

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"

	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/merge"
)

// Merging is a release brought together with the edits of a working copy, in
// memory.
type Merging struct {
	Name, Version string
	Dir           string
	Kube          *kube.Kube // nil when there are conflicts, which nobody applies
	Files         []MergedFile

	origin Origin                 // of the copy, once it is merged
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

// Merge brings a release and the working copy of its Kube together. The copy
// stays as it is until CommitMerge. Notices say what became of each file. It is
// nil when there is no copy that kpm made, or when that is of this release
// already.
func (c *Client) Merge(ctx context.Context, r Release) (*Merging, error) {
	info, err := c.Copy(r.Name)
	if err != nil || info == nil {
		return nil, err
	}
	o, known, err := c.Origin(r.Name)
	if err != nil || !known || o.Archive == r.SHA256 {
		return nil, err
	}
	ours, err := readFolder(info.Dir, r.Name)
	if err != nil {
		return nil, err
	}
	theirs, by, err := c.open(ctx, r)
	if err != nil {
		return nil, err
	}
	if by.repository != o.Repository {
		return nil, usage("%s is of repository %q, and this is of %q: a merge stays within one", info.Dir, o.Repository, by.repository)
	}
	base, err := c.pristine(ctx, r, o)
	if err != nil {
		return nil, err
	}
	m := &Merging{
		Name: r.Name, Version: r.Version, Dir: info.Dir,
		origin: originOf(r, by, theirs), from: o.Archive, was: ours.Files, theirs: sideOf(theirs),
	}
	m.merge(sideOf(base), sideOf(ours))
	c.tellMerged(m)
	if len(m.Conflicts()) == 0 {
		if m.Kube, err = m.kube(); err != nil {
			return nil, fmt.Errorf("merging %s %s into %s: %w", r.Name, r.Version, info.Dir, err)
		}
	}
	return m, nil
}

// pristine is the release that a working copy was made from. It was verified
// when it came, and its digest was noted.
func (c *Client) pristine(ctx context.Context, r Release, o Origin) (*kube.Kube, error) {
	data, err := os.ReadFile(c.Home.Archive(o.Archive))
	if err != nil || index.DigestOf(data) != o.Archive {
		ref := Ref{Repository: r.Repository.Alias, Name: r.Name, Version: o.Version}
		base, err := c.Resolve(ctx, ref, true)
		if err != nil {
			return nil, err
		}
		if base.SHA256 != o.Archive {
			return nil, &NotFoundError{What: fmt.Sprintf("archive of %s %s any more that your copy was made from", r.Name, o.Version)}
		}
		if data, err = c.archive(ctx, base); err != nil {
			return nil, fmt.Errorf("fetching %s %s: %w", r.Name, o.Version, err)
		}
	}
	k, err := kube.Unpack(bytes.NewReader(data), r.Name, o.Version)
	if err != nil {
		return nil, formatFault(r.Repository, fmt.Errorf("unpacking %s: %w", index.ArchivePath(r.Name, o.Version), err))
	}
	return k, nil
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
var versionLine = regexp.MustCompile(`(?m)^version:[ \t]+("[^"\n]*"|'[^'\n]*'|[^\s#]+)`)

// sameVersion gives a K3.yaml the version of the release: the copy becomes one of
// that release, whatever else is merged.
func sameVersion(f, release *merge.File) {
	if f == nil || release == nil {
		return
	}
	if version := versionLine.Find(release.Data); version != nil {
		f.Data = versionLine.ReplaceAllLiteral(f.Data, version)
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

// taken is the merged copy, to go on with as if it were in place.
func (m *Merging) taken() *Taken {
	info := &CopyInfo{Dir: m.Dir, Version: m.Version}
	for _, f := range m.Files {
		if f.File == nil != (m.theirs[f.Path] == nil) || f.File != nil && index.DigestOf(f.File.Data) != m.origin.Files[f.Path] {
			info.Edited = append(info.Edited, f.Path)
		}
	}
	return &Taken{Kube: m.Kube, Copy: info}
}

// tellMerged says what became of the files.
func (c *Client) tellMerged(m *Merging) {
	c.note(fmt.Sprintf("Merging %s %s into your copy %s", m.Name, m.Version, m.Dir))
	for _, f := range m.Files {
		for _, clash := range f.Clashes {
			at := f.Path
			if clash.Line > 0 {
				at = fmt.Sprintf("%s:%d", at, clash.Line)
			}
			text := fmt.Sprintf("%s: %s", at, clash.Text)
			if clash.Base+clash.Ours+clash.Theirs != "" {
				text += fmt.Sprintf(": it was %s, yours is %s and stays, the release has %s", clash.Base, clash.Ours, clash.Theirs)
			}
			c.warn(text)
		}
		if f.Outcome != merge.Kept && f.Outcome != merge.Conflict {
			c.note(fmt.Sprintf("%s %s", f.Outcome, f.Path))
		}
	}
}
