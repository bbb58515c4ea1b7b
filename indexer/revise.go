package indexer

import (
	"bytes"
	"cmp"
	"context"
	"encoding/hex"
	"errors"
	"slices"
	"strings"

	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/lint"
	"github.com/kpm-sh/kpm/internal/yamlnode"
)

// reviser finds what a folder changes in what is published.
type reviser struct {
	published *state // nil in a first publish
	read      reader
	shelf     *shelf // gets the documents that stay as they are
	tests     attester
	hold      bool // refuse every new release
	pack      func(ctx context.Context, k *kube.Kube, facts lint.Facts, tar index.Digest) (*packed, error)
}

// revise gives the new state of one Kube, nil when nothing of it changed, and
// the published files that it has. The error is a refusal when the folder is at
// fault.
func (r *reviser) revise(ctx context.Context, f folder) (*revision, map[string]index.Ref, error) {
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
		rev, err := remove(f, line, doc)
		return rev, leads, err
	}
	rev, err := r.update(ctx, f, line, doc)
	if known && rev == nil && err == nil {
		r.shelf.keep(line.Doc, doc)
	}
	return rev, leads, err
}

// update lays a folder over its document.
func (r *reviser) update(ctx context.Context, f folder, line index.Line, doc *index.Document) (*revision, error) {
	if err := refuseLost(f, doc); err != nil {
		return nil, err
	}
	fresh, err := r.newRelease(ctx, f, line, doc)
	if err != nil {
		return nil, err
	}
	changed := line.Gone != ""
	if fresh != nil {
		doc.Releases = append(doc.Releases, fresh.release)
		newestFirst(doc)
		changed = true
	}
	marked, err := mark(f, doc)
	if err != nil {
		return nil, err
	}
	bundles, said, err := r.tests.add(ctx, doc)
	if err != nil || (!changed && !marked.any() && len(bundles) == 0) {
		return nil, err
	}
	rec, err := r.record(ctx, line, doc, fresh)
	if err != nil {
		return nil, err
	}
	if _, err := doc.Encode(); err != nil {
		return nil, refuse(f.name, "%v", err)
	}
	if line.Gone != "" {
		marked.dropped = append(marked.dropped, f.name+" is no longer gone")
	}
	rev := &revision{Record: rec, Document: doc, Files: bundles, tested: said, marks: marked}
	if fresh != nil {
		rev.Files, rev.released = append(rev.Files, fresh.files...), fresh.release.Version
	}
	return rev, nil
}

// remove takes a Kube away. Its document stays: the versions that it lists are
// never published again with other content.
func remove(f folder, line index.Line, doc *index.Document) (*revision, error) {
	if line.Name == "" {
		return nil, refusal{kube.Problems{f.mark(yamlnode.Line(f.marks, "gone"), "gone, but %s was never published", f.name)}}
	}
	marked, err := mark(f, doc)
	if err != nil || line.Gone == f.releases.Gone && !marked.any() {
		return nil, err
	}
	return &revision{Record: index.Record{Name: f.name, Gone: f.releases.Gone}, Document: doc, marks: marked, removed: line.Gone != f.releases.Gone}, nil
}

// newRelease packs the folder when its version was not published yet, and
// gives nil when it was, with the same content.
func (r *reviser) newRelease(ctx context.Context, f folder, line index.Line, doc *index.Document) (*packed, error) {
	sum, err := f.kube.TarSum()
	if err != nil {
		return nil, err
	}
	tar := index.Digest(hex.EncodeToString(sum[:]))
	if rel, ok := doc.Release(f.kube.Version.String()); ok {
		if err := refuseReused(f, line, rel); err != nil || rel.Tar == tar {
			return nil, err
		}
		old, err := r.unpack(ctx, f.name, rel)
		return nil, refuseChanged(f, rel, old, err)
	}
	if err := cmp.Or(refuseAlike(f, doc), refuseLower(f, line, doc)); err != nil {
		return nil, err
	}
	if r.hold {
		return nil, refuse(f.name, "version %s is not released: new releases are held", f.kube.Version)
	}
	facts, ps := lint.Kube(ctx, f.kube)
	if ps.Err() == nil {
		ps = facts.Fits(f.kube)
	}
	if ps.Err() != nil {
		return nil, refusal{ps.Errors().In(f.name)}
	}
	if err := r.tests.refuse(f, tar); err != nil {
		return nil, err
	}
	return r.pack(ctx, f.kube, facts, tar)
}

func (r *reviser) unpack(ctx context.Context, name string, rel index.Release) (*kube.Kube, error) {
	data, err := r.read(ctx, index.ArchivePath(name, rel.Version), rel.Ref())
	if err != nil {
		return nil, err
	}
	return kube.Unpack(bytes.NewReader(data), name, rel.Version)
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
	rec.Tested, rec.Simulated = newest.Tested()
	rec.Yanked = ""
	if newest.Yanked != nil {
		rec.Yanked = newest.Yanked.Reason
	}
	return rec, nil
}

// newest is the release that a user gets who asks for none: the highest stable
// one that is not yanked, then of those that are not revoked, and so on down to the
// highest of all.
func newest(doc *index.Document) (index.Release, error) {
	notRevoked := func(r index.Release) bool { return kind(r.Yanked) != "revoked" && r.Withdrawn == "" }
	for _, pass := range []func(index.Release) bool{index.Release.Offered, notRevoked, func(index.Release) bool { return true }} {
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
