package indexer

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"time"

	"github.com/kpm-sh/kpm/internal/fetch"
	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/signing/signer"
)

// Options say what to publish, where, and as whom.
type Options struct {
	Packages  fs.FS
	Site      string // folder of the site
	Key       *signer.Key
	Trust     string        // folder of trust documents to publish, "" for those in the site
	Name      string        // signed name of the repository, "" for that of the trust documents
	Previous  string        // URL of what is published, "" for the site itself
	First     bool          // start a repository
	AtLeast   int64         // refuse a previous head with a lower seq
	ExpiresIn time.Duration // life of the head, at most MaxLife
	KeepGoing bool          // publish what can be, in spite of refused Kubes
	Commit    string        // of the packages repository, "" outside git
	Now       time.Time
	Fetch     fetch.Options
	Report    Report
}

// Result is what a publish did.
type Result struct {
	Head     *index.Head
	Released []string      // "NAME VERSION" of the new releases
	Gone     []string      // names that were taken away
	Refused  kube.Problems // why other Kubes keep what they had published
	Files    int           // written
	Warnings []string
	Renewal  time.Time   // when the newest trust document expires
	From     *index.Head // whose state Restore signed again
}

// MaxLife is how long a head may live.
const MaxLife = 35 * 24 * time.Hour

// ErrNoSite says that there is no published head where one is needed.
var ErrNoSite = errors.New("no published site")

// Publish publishes a packages folder. An error means that nothing changed for
// clients; when Kubes are at fault it is a kube.Problems that names them all.
func Publish(ctx context.Context, o Options) (*Result, error) {
	s := site{o.Site}
	unlock, err := s.lock(ctx)
	if err != nil {
		return nil, err
	}
	defer unlock()
	p := publisher{Options: o, site: s}
	if err := p.open(ctx); err != nil {
		return nil, err
	}
	folders, err := p.scan()
	if err != nil {
		return nil, err
	}
	dir, remove, err := s.staging()
	if err != nil {
		return nil, err
	}
	defer remove()
	revisions, err := p.revise(ctx, folders, dir)
	if err != nil {
		return nil, err
	}
	publication, err := Build(p.published, revisions, p.terms())
	if err != nil {
		return nil, err
	}
	if err := p.write(ctx, publication); err != nil {
		return nil, err
	}
	if err := p.sign(publication); err != nil {
		return nil, err
	}
	p.result.Head = publication.Head
	return &p.result, nil
}

// publisher is one publish on its way.
type publisher struct {
	Options
	site      site
	chain     *chain
	published *Published // nil in a first publish
	source    *fetch.Source
	leads     []map[string]index.Ref // what is published of each folder, by path
	result    Result
}

// scan lists the folders, and refuses to publish when a published Kube has none,
// or when something beside them makes the whole a git repository.
func (p *publisher) scan() ([]string, error) {
	all, err := names(p.Packages)
	if err != nil {
		return nil, err
	}
	strange, err := besides(p.Packages)
	if err != nil {
		return nil, err
	}
	if p.published == nil || len(strange) > 0 {
		return all, strange.Err()
	}
	return all, p.published.missing(all).Err()
}

// missing are the published Kubes that are not among the folders.
func (p *Published) missing(folders []string) kube.Problems {
	var ps kube.Problems
	for _, l := range p.Lines {
		if _, ok := slices.BinarySearch(folders, l.Name); l.Gone == "" && !ok {
			ps = append(ps, kube.Problem{Path: l.Name, Message: "is published, but not in the packages folder; to remove it, keep the folder with a releases.yaml that says `gone: REASON`"})
		}
	}
	return ps
}

// revise reads, judges and packs every Kube.
func (p *publisher) revise(ctx context.Context, all []string, dir string) ([]Revision, error) {
	r := &reviser{
		published: p.published,
		read:      p.readPublished,
		pack:      packer{dir: dir, repository: p.Name, commit: p.Commit, now: p.Now, key: p.Key}.pack,
	}
	found := make([]*Revision, len(all))
	p.leads = make([]map[string]index.Ref, len(all))
	refused := make([]kube.Problems, len(all))
	numbers := make([]int, len(all))
	for i := range numbers {
		numbers[i] = i
	}
	err := forEach(ctx, numbers, p.Report.stage("packing", len(all)), func(i int) error {
		f, ps := readFolder(p.Packages, all[i])
		if ps.Err() != nil {
			refused[i] = ps.Errors()
			return nil
		}
		rev, leads, err := r.revise(ctx, f)
		p.leads[i] = leads
		var no refusal
		if errors.As(err, &no) {
			refused[i] = no.Problems
			return nil
		}
		found[i] = rev
		return err
	})
	if err != nil {
		return nil, err
	}
	p.result.Refused = slices.Concat(refused...)
	p.result.Refused.Sort()
	if !p.KeepGoing && len(p.result.Refused) > 0 {
		return nil, p.result.Refused
	}
	return p.collect(found), nil
}

// collect keeps the revisions there are and notes them in the result.
func (p *publisher) collect(found []*Revision) []Revision {
	var out []Revision
	for _, rev := range found {
		if rev == nil {
			continue
		}
		out = append(out, *rev)
		switch {
		case rev.Record.Gone != "":
			p.result.Gone = append(p.result.Gone, rev.Document.Name)
		case len(rev.Files) > 0:
			p.result.Released = append(p.result.Released, rev.Document.Name+" "+rev.released)
		}
	}
	return out
}

func (p *publisher) terms() Terms {
	t := Terms{
		Repository: p.Name, Root: p.chain.root(), Trust: p.chain.newest().Version, Epoch: p.chain.newest().Epoch,
		Seq: 1, Now: p.Now, ExpiresIn: p.ExpiresIn,
	}
	if p.published != nil {
		t.Seq = p.published.Head.Seq + 1
	}
	return t
}

// readPublished gives a published file from the site, or from the source where
// the site does not have it yet.
func (p *publisher) readPublished(ctx context.Context, path string, ref index.Ref) ([]byte, error) {
	data, err := p.site.read(path, ref)
	if errors.Is(err, fs.ErrNotExist) {
		return p.source.Object(ctx, path, ref, false)
	}
	return data, err
}

// write brings everything but the head and trust documents to the site: what the head before leads
// to and the site lacks, and what is new.
func (p *publisher) write(ctx context.Context, publication *Publication) error {
	if err := p.carry(ctx); err != nil {
		return err
	}
	if p.First {
		if err := p.site.begun(); err != nil {
			return err
		}
	}
	files := publication.Files
	p.result.Files = len(files)
	return forEach(ctx, files, p.Report.stage("writing", len(files)), p.site.add)
}

// sign signs the head, does with it what clients will do, and only then puts
// the trust documents, and it, in their places.
func (p *publisher) sign(publication *Publication) error {
	payload, err := publication.Head.Encode()
	if err != nil {
		return err
	}
	bundle, err := p.Key.Sign(payload)
	if err != nil {
		return err
	}
	stored, err := index.NewEnvelope(payload, bundle).Encode()
	if err != nil {
		return err
	}
	if err := p.replay(publication, stored); err != nil {
		return fmt.Errorf("refusing to publish what clients would refuse: %w", err)
	}
	for _, f := range p.chain.files() {
		if err := p.site.add(f); err != nil {
			return err
		}
	}
	if err := p.site.write(index.HeadPath, stored); err != nil {
		return err
	}
	_ = p.site.ended() //nolint:errcheck // a mark that stays is cleared by the next lock
	// A head that is lost from its place is restored from here.
	_ = p.site.write(index.ObjectPath(index.DigestOf(stored)), stored) //nolint:errcheck // the publish is done, and the next one writes it
	return nil
}
