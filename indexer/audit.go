package indexer

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/kpm-sh/kpm/internal/fetch"
	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/pagelist"
	"github.com/kpm-sh/kpm/signing"
)

// Audited is what an audit found. Findings are faults; Notes are not.
type Audited struct {
	Head     *index.Head
	Heads    int // opened, the published one included
	Files    int // read
	Releases int
	Findings []string
	Notes    []string
}

// Audit reads everything that the published head leads to and checks sizes,
// digests, archives and provenance; then it walks the heads before it and
// checks that no released version ever changed or vanished. It goes on after a
// finding. What a garbage collection may have removed, and nothing else, may
// be missing: that is a note.
func Audit(ctx context.Context, o MaintainOptions) (*Audited, error) {
	m, err := o.open(ctx)
	if err != nil {
		return nil, err
	}
	a := &auditor{
		repository: m, report: o.Report, now: o.Now,
		tars: map[string]release{}, current: map[string]bool{},
	}
	a.out.Head, a.out.Heads = m.published.Head, 1
	for _, key := range a.servedKeys() {
		a.finding("%s is a private key: whoever fetched it from the site can sign in its name", key)
	}
	a.mirrored(ctx)
	r := &reach{read: a.count, files: map[string]index.Ref{}}
	if err := a.present(ctx, r); err != nil {
		return nil, err
	}
	a.headCopy(ctx)
	a.trustedRoots(ctx)
	a.pages(ctx)
	if err := a.past(ctx, r); err != nil {
		return nil, err
	}
	a.vanished()
	slices.Sort(a.out.Findings)
	a.out.Findings = slices.Compact(a.out.Findings)
	return &a.out, nil
}

// servedKeys are private keys in a site that is a folder.
func (a *auditor) servedKeys() []string {
	if dir := a.source.Folder(); dir != "" {
		return privateKeys(dir)
	}
	return nil
}

// release is what must never change of one version.
type release struct{ sha256, tar index.Digest }

type auditor struct {
	*repository
	report  Report
	now     time.Time
	out     Audited
	tars    map[string]release // by "NAME VERSION"
	current map[string]bool    // "NAME VERSION" of the published documents
}

func (a *auditor) finding(format string, args ...any) {
	a.out.Findings = append(a.out.Findings, fmt.Sprintf(format, args...))
}

func (a *auditor) note(format string, args ...any) {
	a.out.Notes = append(a.out.Notes, fmt.Sprintf(format, args...))
}

// count reads a file that the index names.
func (a *auditor) count(ctx context.Context, path string, ref index.Ref) ([]byte, error) {
	data, err := a.read(ctx, path, ref)
	if err == nil {
		a.out.Files++
	}
	return data, err
}

// readOrNote is count that notes why it cannot.
func (a *auditor) readOrNote(ctx context.Context, path string, ref index.Ref) ([]byte, bool) {
	data, err := a.count(ctx, path, ref)
	if err != nil {
		a.finding("%s: %v", path, err)
	}
	return data, err == nil
}

// present audits what the published head leads to now. What it reads it notes
// in r, and has r read the rest: all listed segments, and the documents that
// only they name.
func (a *auditor) present(ctx context.Context, r *reach) error {
	done := a.report.stage("reading Kubes", len(a.published.Lines))
	for _, l := range a.published.Lines {
		if err := ctx.Err(); err != nil {
			return err
		}
		path := index.ObjectPath(l.Doc.SHA256)
		r.files[path] = l.Doc
		data, ok := a.readOrNote(ctx, path, l.Doc)
		if !ok {
			continue
		}
		doc, err := index.DecodeDocument(l.Record, data)
		if err != nil {
			a.finding("%s: %v", path, err)
			continue
		}
		a.compare(doc, "the published head")
		for _, r := range doc.Releases {
			a.current[l.Name+" "+r.Version] = true
			a.release(ctx, l.Name, r)
		}
		done()
	}
	return a.walk(ctx, r, a.published.Head)
}

// headCopy audits the copy of the published head that a restore would take; there
// may be none.
func (a *auditor) headCopy(ctx context.Context) {
	at := a.published.Stored
	if _, err := a.count(ctx, index.ObjectPath(at.SHA256), at.Ref); err != nil && !errors.Is(err, fetch.ErrNotFound) {
		a.finding("%s, the copy of the published head: %v", index.ObjectPath(at.SHA256), err)
	}
}

// trustedRoots audits what keyless signatures are checked against.
func (a *auditor) trustedRoots(ctx context.Context) {
	for _, d := range a.chain.documents {
		for name, s := range d.Sigstore {
			if _, err := a.count(ctx, index.ObjectPath(s.TrustedRoot.SHA256), s.TrustedRoot); err != nil {
				a.finding("%s, the trusted root of %s in %s: %v", index.ObjectPath(s.TrustedRoot.SHA256), name, d, err)
			}
		}
	}
}

// pages audits the web pages. Their list is of the index; a page that differs
// from it is a note, as the next publish puts it in its place.
func (a *auditor) pages(ctx context.Context) {
	list, err := pagelist.Read(ctx, a.published.Head, a.count)
	if err != nil {
		a.finding("%v", err)
	}
	if list == nil {
		return
	}
	done, strange := a.report.stage("reading pages", len(list.Pages)), 0
	for _, p := range list.Pages {
		if ctx.Err() != nil {
			return
		}
		if _, err := a.count(ctx, p.Path, p.Ref); err != nil {
			if strange++; strange <= shownPages {
				a.note("%s is not the page that the head lists: %v", p.Path, err)
			}
		}
		done()
	}
	if strange > shownPages {
		a.note("%d of %d pages are not those that the head lists", strange, len(list.Pages))
	}
}

// shownPages is how many pages that differ are named each by itself.
const shownPages = 10

// release audits one release's files.
func (a *auditor) release(ctx context.Context, name string, r index.Release) {
	a.out.Releases++
	if r.Withdrawn != "" {
		return
	}
	path := index.ArchivePath(name, r.Version)
	if data, ok := a.readOrNote(ctx, path, r.Ref()); ok {
		if err := checkArchive(data, name, r); err != nil {
			a.finding("%s: %v", path, err)
		}
	}
	proven := false
	for _, at := range r.Attestations {
		data, ok := a.readOrNote(ctx, at.Path, index.Ref{SHA256: at.SHA256, Size: at.Size})
		if ok && at.Type == signing.ProvenanceType {
			proven = true
			if err := a.chain.openProvenance(data, name, r); err != nil {
				a.finding("%s: %v", at.Path, err)
			}
		}
		if ok && at.Type == signing.TestResultType {
			if _, _, err := a.chain.newest().Tested(data, a.chain.newest().Repository, name, r, at); err != nil {
				a.finding("%s: %v", at.Path, err)
			}
		}
	}
	if !proven {
		a.finding("%s: no provenance", path)
	}
}

// checkArchive refuses an archive that is not the one that was released, or that no client
// can unpack as that Kube.
func checkArchive(archive []byte, name string, r index.Release) error {
	if err := checkTar(archive, r.Tar); err != nil {
		return err
	}
	_, err := kube.Unpack(bytes.NewReader(archive), name, r.Version)
	return err
}

func checkTar(archive []byte, want index.Digest) error {
	z, err := gzip.NewReader(bytes.NewReader(archive))
	if err != nil {
		return err
	}
	h := sha256.New()
	if _, err := io.Copy(h, z); err != nil {
		return err
	}
	if got := digest(h); got != want {
		return fmt.Errorf("its tar has sha256 %s, the index says %s", got, want)
	}
	return nil
}

// compare notes releases that another document describes differently.
func (a *auditor) compare(d *index.Document, where string) {
	for _, r := range d.Releases {
		id, now := d.Name+" "+r.Version, release{r.SHA256, r.Tar}
		if was, ok := a.tars[id]; ok && was != now {
			a.finding("%s: %s has sha256 %s, another head says %s", where, id, now.sha256, was.sha256)
		}
		a.tars[id] = now
	}
}

// walk audits what a head leads to and was not read yet.
func (a *auditor) walk(ctx context.Context, r *reach, h *index.Head) error {
	collected := 0
	r.document = func(d *index.Document) {
		a.compare(d, fmt.Sprintf("head %d", h.Seq))
	}
	r.fault = func(err error) error {
		switch {
		case ctx.Err() != nil:
			return err
		case errors.Is(err, fetch.ErrNotFound) && a.chain.graceOver(h, a.now):
			collected++
		default:
			a.finding("%v", err)
		}
		return nil
	}
	err := r.head(ctx, h)
	if collected > 0 {
		a.note("head %d is only partly there: %d files were collected", h.Seq, collected)
	}
	return err
}

// past walks the heads before the published one.
func (a *auditor) past(ctx context.Context, r *reach) error {
	at := a.published.Head
	for old, err := range a.history(ctx) {
		switch {
		case err != nil && ctx.Err() != nil:
			return err
		case errors.Is(err, errChainEnds) && a.chain.graceOver(at, a.now):
			a.note("the heads before %d were collected", at.Seq)
			return nil
		case err != nil:
			a.finding("%v", err)
			return nil
		}
		a.out.Heads++
		at = old.Head
		if err := a.walk(ctx, r, at); err != nil {
			return err
		}
	}
	return nil
}

// vanished notes versions that an older document lists and the published one
// does not.
func (a *auditor) vanished() {
	for _, id := range slices.Sorted(maps.Keys(a.tars)) {
		if !a.current[id] {
			name, _, _ := strings.Cut(id, " ")
			if _, ok := a.published.line(name); ok {
				a.finding("%s was released and is no longer listed", id)
			} else {
				a.finding("%s was released and its Kube is no longer listed", id)
			}
		}
	}
}
