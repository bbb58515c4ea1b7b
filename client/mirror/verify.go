package mirror

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/kpm-sh/kpm/internal/errcode"
	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/inputfile"
	"github.com/kpm-sh/kpm/internal/mirrorfile"
	"github.com/kpm-sh/kpm/internal/pagelist"
	"github.com/kpm-sh/kpm/internal/trust"
	"github.com/kpm-sh/kpm/signing"
)

// Verified is what was found in a mirror. Findings are faults.
type Verified struct {
	Head     *trust.Head
	Note     mirrorfile.File
	Files    int64
	Bytes    int64
	Images   int64
	Findings []string
}

// Verify reads everything in a mirror, asks nobody, and says what is wrong: a signature,
// a digest, a file that is not there although mirror.json does not say that it was left
// out. pin is what trust document 1, or another, has to be; without it document 1 is
// the one that the head names.
func Verify(ctx context.Context, dir string, pin *trust.Pin) (*Verified, error) {
	f := folder{dir}
	if err := isMirror(f); err != nil {
		return nil, err
	}
	v := &verifier{folder: f, out: &Verified{}, seen: map[string]bool{}}
	var err error
	if v.out.Note, err = f.note(); err != nil {
		return nil, err
	}
	for _, ref := range v.out.Note.Missing {
		v.finding("image %s could not be had from its registry", ref)
	}
	if !v.out.Note.Whole && len(v.out.Note.Missing) == 0 {
		v.finding("%s: the mirror is not whole: a run was cut short, or the folder was copied without it", mirrorfile.Path)
	}
	if err := v.head(pin); err != nil {
		return nil, err
	}
	if err := v.index(ctx); err != nil {
		return nil, err
	}
	slices.Sort(v.out.Findings)
	v.out.Findings = slices.Compact(v.out.Findings)
	return v.out, nil
}

// isMirror refuses a folder without the index of a repository.
func isMirror(f folder) error {
	_, err := os.Stat(f.at(index.HeadPath))
	if errors.Is(err, fs.ErrNotExist) {
		return errcode.With(errcode.NoSite, nil, fmt.Errorf("%s holds no mirror: %s is not there", f.dir, index.HeadPath))
	}
	return err
}

type verifier struct {
	folder
	chain []*trust.Document // by version, from 1
	mu    sync.Mutex
	seen  map[string]bool
	docs  []*index.Document // of what the mirror holds
	out   *Verified
}

func (v *verifier) finding(format string, args ...any) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.out.Findings = append(v.out.Findings, fmt.Sprintf(format, args...))
}

// head verifies the chain of trust documents and the head.
func (v *verifier) head(pin *trust.Pin) error {
	data, err := inputfile.Read(v.at(index.HeadPath), index.MaxHead)
	if err != nil {
		return fmt.Errorf("reading the mirror: %w", err)
	}
	env, err := index.DecodeEnvelope(data)
	if err != nil {
		return fmt.Errorf("reading the mirror: %w", err)
	}
	claimed, err := index.DecodeHead([]byte(env.Payload))
	if err != nil {
		return fmt.Errorf("reading the mirror: %w", err)
	}
	if err := v.readChain(claimed.Root); err != nil {
		return err
	}
	if len(v.chain) == 0 {
		return &trust.Error{Code: trust.Missing, Found: index.TrustPath(1) + " is not in the mirror", Facts: map[string]any{"file": true}}
	}
	if pin != nil && (pin.Version > int64(len(v.chain)) || v.chain[pin.Version-1].Digest() != pin.Digest) {
		return &trust.Error{Code: trust.TrustPin, Found: fmt.Sprintf("trust document %d of the mirror is another one", pin.Version), Expected: pin.String(), Facts: map[string]any{"given": true}}
	}
	v.out.Head, err = trust.VerifyHead(v.chain[len(v.chain)-1], env)
	v.out.Files++
	return err
}

// readChain verifies the trust documents, from the first on: the one that the head calls
// its root.
func (v *verifier) readChain(root index.Digest) error {
	first := trust.Pin{Version: 1, Digest: root}
	for n := int64(1); ; n++ {
		env, err := v.envelope(index.TrustPath(n))
		if err != nil {
			return nil
		}
		var d *trust.Document
		if n == 1 {
			d, err = trust.Open(first, env)
		} else {
			d, err = trust.OpenNext(v.chain[n-2], env)
		}
		if err != nil {
			return err
		}
		v.chain, v.out.Files = append(v.chain, d), v.out.Files+1
	}
}

func (v *verifier) envelope(path string) (*index.Envelope, error) {
	data, err := inputfile.Read(v.at(path), index.MaxTrust)
	if err != nil {
		return nil, err
	}
	return index.DecodeEnvelope(data)
}

// index checks everything that the head leads to.
func (v *verifier) index(ctx context.Context) error {
	h := v.out.Head
	var parts []index.Ref
	for _, s := range h.Segments {
		for _, p := range s.Parts {
			parts = append(parts, p.Ref())
		}
	}
	for _, s := range v.chain[len(v.chain)-1].Sigstore {
		parts = append(parts, s.TrustedRoot)
	}
	for _, ref := range parts {
		v.check(index.ObjectPath(ref.SHA256), ref)
	}
	lines, err := v.lines()
	if err != nil {
		v.finding("%v", err)
		return nil
	}
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(atOnce)
	for _, l := range lines {
		if v.out.Note.Lacked(l.Name, "") {
			continue
		}
		g.Go(func() error {
			v.kube(l)
			return gctx.Err()
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	v.pages(ctx, lines)
	v.images()
	return nil
}

// lines are the records of the head.
func (v *verifier) lines() (map[string]index.Line, error) {
	plan, err := v.out.Head.Plan(0)
	if err != nil {
		return nil, err
	}
	lines := map[string]index.Line{}
	var tally index.Tally
	held := func(name string) (index.Line, bool, error) {
		l, ok := lines[name]
		return l, ok, nil
	}
	for _, seg := range plan {
		for i, p := range seg.Parts {
			data, ok := v.read(index.ObjectPath(p.SHA256), p.Ref())
			if !ok {
				return nil, errors.New("the records are not all there")
			}
			some, err := index.DecodePart(seg, i, data)
			if err != nil {
				return nil, err
			}
			changes, t, err := index.Merge(held, tally, some)
			if err != nil {
				return nil, err
			}
			tally = t
			for _, c := range changes {
				lines[c.New.Name] = c.New
			}
		}
	}
	if !v.out.Head.Agrees(tally) {
		return nil, errors.New("the records do not add up to what the head says")
	}
	return lines, nil
}

// kube checks the document of a record, and the archives and bundles that it names.
func (v *verifier) kube(l index.Line) {
	path := index.ObjectPath(l.Doc.SHA256)
	if !v.check(path, l.Doc) {
		return
	}
	data, _ := v.read(path, l.Doc)
	d, err := index.DecodeDocument(l.Record, data)
	if err != nil {
		v.finding("%s: %v", path, err)
		return
	}
	v.mu.Lock()
	v.docs = append(v.docs, d)
	v.mu.Unlock()
	for _, r := range d.Releases {
		if r.Withdrawn != "" || v.out.Note.Lacked(l.Name, r.Version) {
			continue
		}
		v.check(index.ArchivePath(l.Name, r.Version), r.Ref())
		for _, a := range r.Attestations {
			v.attestation(l.Name, r, a)
		}
	}
}

func (v *verifier) attestation(name string, r index.Release, a index.Attestation) {
	ref := index.Ref{SHA256: a.SHA256, Size: a.Size}
	if err := checkPath(a.Path); err != nil {
		v.finding("%v", err)
		return
	}
	if !v.check(a.Path, ref) || a.Type != signing.ProvenanceType {
		return
	}
	data, _ := v.read(a.Path, ref)
	want := trust.Provenance(v.out.Head.Repository, name, r)
	var last error
	for _, d := range slices.Backward(v.chain) {
		if _, last = trust.OpenProvenance(d, data, want); last == nil {
			return
		}
	}
	v.finding("%s: %v", a.Path, last)
}

// pages checks the web site, but for the pages of Kubes that were left out.
func (v *verifier) pages(ctx context.Context, lines map[string]index.Line) {
	list, err := pagelist.Read(ctx, v.out.Head.Head, func(_ context.Context, path string, ref index.Ref) ([]byte, error) {
		v.check(path, ref)
		data, ok := v.read(path, ref)
		if !ok {
			return nil, errors.New("it is not there")
		}
		return data, nil
	})
	if err != nil {
		v.finding("%v", err)
	}
	if list == nil {
		return
	}
	for _, p := range list.Pages {
		rest, ofKube := strings.CutPrefix(p.Path, "pages/")
		name, _, _ := strings.Cut(rest, "/")
		if _, known := lines[name]; !ofKube || !known || !v.out.Note.Lacked(name, "") {
			v.check(p.Path, p.Ref)
		}
	}
}

// check hashes a file, once, and reports whether it is what ref says.
func (v *verifier) check(path string, ref index.Ref) bool {
	v.mu.Lock()
	again := v.seen[path]
	v.seen[path] = true
	v.mu.Unlock()
	if again {
		return true
	}
	if _, err := os.Lstat(v.at(path)); err != nil {
		v.finding("%s is not there", path)
		return false
	}
	if !v.holds(path, ref) {
		v.finding("%s is not what the index says", path)
		return false
	}
	v.mu.Lock()
	v.out.Files, v.out.Bytes = v.out.Files+1, v.out.Bytes+ref.Size
	v.mu.Unlock()
	return true
}
