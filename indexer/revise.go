package indexer

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/Masterminds/semver/v3"

	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/lint"
	"github.com/kpm-sh/kpm/internal/yamlnode"
)

// refusal is why a Kube cannot be published as it is. Another Kube may.
type refusal struct{ kube.Problems }

func refuse(path, format string, args ...any) error {
	return refusal{kube.Problems{{Path: path, Message: fmt.Sprintf(format, args...)}}}
}

// version refuses the version of a folder, at the line that says it.
func (f folder) version(format string, args ...any) kube.Problem {
	data, _ := f.kube.File(kube.MetaPath)
	return kube.Problem{Path: f.name + "/" + kube.MetaPath, Line: yamlnode.Line(data, "version"), Message: fmt.Sprintf(format, args...)}
}

// mark refuses what releases.yaml says at the keys.
func (f folder) mark(keys []string, format string, args ...any) kube.Problem {
	return kube.Problem{Path: f.name + "/" + kube.ReleasesPath, Line: yamlnode.Line(f.marks, keys...), Message: fmt.Sprintf(format, args...)}
}

// reviser finds what a folder changes in what is published.
type reviser struct {
	published *Published // nil in a first publish
	read      reader
	pack      func(k *kube.Kube, facts lint.Facts, tar index.Digest) (*packed, error)
}

// revise gives the new state of one Kube, nil when nothing of it changed, and
// the published files that it has. The error is a refusal when the folder is at
// fault.
func (r *reviser) revise(ctx context.Context, f folder) (*Revision, map[string]index.Ref, error) {
	line, known := r.published.line(f.name)
	doc := &index.Document{Schema: index.DocumentSchema, Name: f.name}
	var leads map[string]index.Ref
	if known {
		var err error
		if doc, err = readDocument(ctx, line, r.read); err != nil {
			return nil, nil, err
		}
		leads = files(doc)
		leads[index.ObjectPath(line.Doc.SHA256)] = line.Doc
	}
	if f.releases.Gone != "" {
		rev, err := remove(f, line, known, doc)
		return rev, leads, err
	}
	rev, err := r.update(ctx, f, line, known, doc)
	return rev, leads, err
}

// update lays a folder over its document.
func (r *reviser) update(ctx context.Context, f folder, line index.Line, known bool, doc *index.Document) (*Revision, error) {
	fresh, err := r.newRelease(ctx, f, line, known, doc)
	if err != nil {
		return nil, err
	}
	changed := known && line.Gone != ""
	if fresh != nil {
		doc.Releases = append(doc.Releases, fresh.release)
		newestFirst(doc)
		changed = true
	}
	marked, err := mark(f, doc)
	if err != nil || (!changed && !marked) {
		return nil, err
	}
	rec, err := r.record(ctx, line, doc, fresh)
	if err != nil {
		return nil, err
	}
	if _, err := doc.Encode(); err != nil {
		return nil, refuse(f.name, "%v", err)
	}
	rev := &Revision{Record: rec, Document: doc}
	if fresh != nil {
		rev.Files, rev.released = fresh.files, fresh.release.Version
	}
	return rev, nil
}

// remove takes a Kube away. Its document stays: the versions that it lists are
// never published again with other content.
func remove(f folder, line index.Line, known bool, doc *index.Document) (*Revision, error) {
	if !known {
		return nil, refusal{kube.Problems{f.mark([]string{"gone"}, "gone, but %s was never published", f.name)}}
	}
	if line.Gone == f.releases.Gone {
		return nil, nil
	}
	return &Revision{Record: index.Record{Name: f.name, Gone: f.releases.Gone}, Document: doc}, nil
}

// newRelease packs the folder when its version was not published yet, and
// gives nil when it was, with the same content.
func (r *reviser) newRelease(ctx context.Context, f folder, line index.Line, known bool, doc *index.Document) (*packed, error) {
	sum, err := f.kube.TarSum()
	if err != nil {
		return nil, err
	}
	tar := index.Digest(hex.EncodeToString(sum[:]))
	version := f.kube.Version.String()
	if rel, ok := doc.Release(version); ok {
		switch {
		case known && line.Gone != "":
			return nil, refusal{kube.Problems{f.version("version %s was published before %s was taken away: give it a new version", version, f.name)}}
		case rel.Withdrawn != "":
			return nil, refusal{kube.Problems{f.version("version %s was withdrawn (%s): give it a new version", version, rel.Withdrawn)}}
		case rel.Tar != tar:
			return nil, r.changed(ctx, f, rel)
		}
		return nil, nil
	}
	for _, rel := range doc.Releases {
		if err := distinct(f.kube.Version, rel.Version); err != nil {
			return nil, refusal{kube.Problems{f.version("%v", err)}}
		}
	}
	facts, ps := lint.Kube(ctx, f.kube)
	if ps.Err() == nil {
		ps = facts.Fits(f.kube)
	}
	if ps.Err() != nil {
		return nil, refusal{ps.Errors().In(f.name)}
	}
	return r.pack(f.kube, facts, tar)
}

func distinct(v *semver.Version, published string) error {
	p, err := kube.ParseVersion(published)
	if err != nil {
		return err
	}
	return kube.Distinct(v, p)
}

// changed says what differs between the folder and the release of its version.
func (r *reviser) changed(ctx context.Context, f folder, rel index.Release) error {
	ps := kube.Problems{f.version("version %s is published with other content: give the Kube a new version", rel.Version)}
	old, err := r.unpack(ctx, f.name, rel)
	if err != nil {
		ps[0].Message += fmt.Sprintf(" (what differs is not known: %v)", err)
		return refusal{ps}
	}
	if onlyLineEnds(old, f.kube) {
		ps[0].Message = fmt.Sprintf("version %s is published, and only the ends of lines differ: a checkout changed them, so keep git from that "+
			"(a .gitattributes beside the packages folder that says `packages/** -text`, then check out again), or give the Kube a new version", rel.Version)
	}
	return refusal{append(ps, difference(old, f.kube).In(f.name)...)}
}

// onlyLineEnds reports whether two Kubes are one but for CRLF in the place of
// LF, or the other way round, as git does it where core.autocrlf is set.
func onlyLineEnds(a, b *kube.Kube) bool {
	return slices.EqualFunc(a.Files, b.Files, func(a, b kube.File) bool {
		return a.Path == b.Path && a.Exec == b.Exec && bytes.Equal(withLF(a.Data), withLF(b.Data))
	})
}

func withLF(data []byte) []byte {
	return bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n"))
}

// lineEnds says in words what the lines of a file end in.
func lineEnds(data []byte) string {
	switch bytes.Count(data, []byte("\r\n")) {
	case 0:
		return "LF"
	case bytes.Count(data, []byte("\n")):
		return "CRLF"
	}
	return "LF and CRLF"
}

// difference names the files that differ.
func difference(old, now *kube.Kube) kube.Problems {
	var ps kube.Problems
	for _, o := range old.Files {
		i := slices.IndexFunc(now.Files, func(n kube.File) bool { return n.Path == o.Path })
		switch {
		case i < 0:
			ps = append(ps, kube.Problem{Path: o.Path, Message: "is in the published release, not here"})
		case !bytes.Equal(now.Files[i].Data, o.Data) && bytes.Equal(withLF(now.Files[i].Data), withLF(o.Data)):
			ps = append(ps, kube.Problem{Path: o.Path, Line: firstLine(o.Data, now.Files[i].Data),
				Message: fmt.Sprintf("differs from the published release only in the ends of lines: %s here, %s there", lineEnds(now.Files[i].Data), lineEnds(o.Data))})
		case !bytes.Equal(now.Files[i].Data, o.Data):
			ps = append(ps, kube.Problem{Path: o.Path, Line: firstLine(o.Data, now.Files[i].Data), Message: "differs from the published release"})
		case now.Files[i].Exec != o.Exec:
			ps = append(ps, kube.Problem{Path: o.Path, Message: "has another execute bit than in the published release"})
		}
	}
	for _, n := range now.Files {
		if _, ok := old.File(n.Path); !ok {
			ps = append(ps, kube.Problem{Path: n.Path, Message: "is not in the published release"})
		}
	}
	return ps
}

// firstLine is the first line in which a and b differ.
func firstLine(a, b []byte) int {
	n := 1
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			break
		}
		if a[i] == '\n' {
			n++
		}
	}
	return n
}

func (r *reviser) unpack(ctx context.Context, name string, rel index.Release) (*kube.Kube, error) {
	data, err := r.read(ctx, index.ArchivePath(name, rel.Version), rel.Ref())
	if err != nil {
		return nil, err
	}
	return kube.Unpack(bytes.NewReader(data), name, rel.Version)
}

// mark writes into the document what releases.yaml says of releases, and
// reports whether that changed anything.
func mark(f folder, doc *index.Document) (bool, error) {
	changed := false
	for i, rel := range doc.Releases {
		var want *index.Yanked
		if reason, ok := f.releases.Yanked[rel.Version]; ok {
			want = &index.Yanked{Reason: reason}
		}
		if reason, ok := f.releases.Revoked[rel.Version]; ok {
			want = &index.Yanked{Reason: reason, Revoked: true}
		}
		if !sameMark(rel.Yanked, want) {
			doc.Releases[i].Yanked, changed = want, true
		}
	}
	var ps kube.Problems
	for key, versions := range map[string]map[string]string{"yanked": f.releases.Yanked, "revoked": f.releases.Revoked} {
		for version := range versions {
			if _, ok := doc.Release(version); !ok {
				ps = append(ps, f.mark([]string{key, version}, "version %s was never published", version))
			}
		}
	}
	if len(ps) > 0 {
		ps.Sort()
		return false, refusal{ps}
	}
	return changed, nil
}

func sameMark(a, b *index.Yanked) bool {
	if a == nil || b == nil {
		return a == b
	}
	return *a == *b
}

// record is what search shows of the newest release: of the one just packed,
// of the one that the record showed already, or of an older one, from its
// archive.
func (r *reviser) record(ctx context.Context, line index.Line, doc *index.Document, fresh *packed) (index.Record, error) {
	newest, err := newest(doc)
	if err != nil {
		return index.Record{}, err
	}
	var rec index.Record
	switch {
	case fresh != nil && fresh.release.Version == newest.Version:
		rec = fresh.record
		doc.Readme = fresh.readme
	case line.Gone == "" && line.Version == newest.Version:
		rec = line.Record
	default:
		k, err := r.unpack(ctx, doc.Name, newest)
		if err != nil {
			return index.Record{}, err
		}
		facts, _ := lint.Kube(ctx, k) //nolint:errcheck // it was checked when it was published
		rec = facts.Record(k)
		rec.Built = newest.Built
		doc.Readme = k.Readme()
	}
	rec.Yanked = ""
	if newest.Yanked != nil {
		rec.Yanked = newest.Yanked.Reason
	}
	return rec, nil
}

// newest is the release that a user gets who asks for none: the highest stable
// one that is not yanked, and so on down to the highest of all.
func newest(doc *index.Document) (index.Release, error) {
	for _, pass := range []func(index.Release) bool{index.Release.Offered, func(index.Release) bool { return true }} {
		if rel, ok := doc.Newest(false, pass); ok {
			return rel, nil
		}
	}
	return index.Release{}, errors.New("no release")
}

// newestFirst orders releases by SemVer, descending.
func newestFirst(doc *index.Document) {
	slices.SortStableFunc(doc.Releases, func(a, b index.Release) int {
		va, erra := kube.ParseVersion(a.Version)
		vb, errb := kube.ParseVersion(b.Version)
		if erra != nil || errb != nil {
			return strings.Compare(b.Version, a.Version)
		}
		return vb.Compare(va)
	})
}
