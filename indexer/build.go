package indexer

import (
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/kpm-sh/kpm/internal/index"
)

// revision is the new state of one Kube: its document, and its record without
// Rev and Doc, which build fills in. Files are its new archive and bundle.
type revision struct {
	Record   index.Record
	Document *index.Document
	Files    []index.File

	released string   // the version whose archive is among Files; "" for none
	tested   []string // what new test results are about
	marks    remark   // what became of releases
	removed  bool     // the Kube was not gone before, or for another reason
}

// terms are what a head says beside the records.
type terms struct {
	Repository string
	Root       index.Digest
	Trust      int64
	Epoch      int64
	Seq        int64 // at least the published seq + 1; a gap starts the chain anew
	Now        time.Time
	ExpiresIn  time.Duration
	URL        string
	Source     string
}

// build makes the publication that lays the revisions over what is published.
// published is nil in a first publish. It is pure: the same arguments give the
// same bytes.
func build(published *state, revisions []revision, t terms) (*index.Publication, error) {
	p := &index.Publication{Head: &index.Head{
		Schema: index.HeadSchema, Repository: t.Repository, Root: t.Root, Trust: t.Trust, Epoch: t.Epoch, Seq: t.Seq,
		Issued: index.At(t.Now), Expires: index.At(t.Now.Add(t.ExpiresIn)), Extensions: map[string]jsontext.Value{},
	}}
	if err := p.Head.SetAddresses(t.URL, t.Source); err != nil {
		return nil, err
	}
	var listed []index.Segment
	if published != nil {
		p.Lines = slices.Clone(published.Lines)
		p.Head.Prev = published.Envelope.Digest()
		p.Head.SetPrevious(published.Stored.Ref)
		p.Files = append(p.Files, objectFile(published.Stored))
		if t.Seq == published.Head.Seq+1 {
			listed = published.Head.Segments
		}
	}
	if err := layOver(p, revisions); err != nil {
		return nil, err
	}
	segments, objects, err := index.Publish(listed, p.Lines, t.Seq)
	if err != nil {
		return nil, err
	}
	for _, o := range objects {
		p.Files = append(p.Files, objectFile(o))
	}
	tally := index.TallyOf(p.Lines)
	p.Head.Segments, p.Head.Kubes, p.Head.Sum = segments, tally.Kubes, tally.Sum()
	return p, nil
}

// layOver lays the revisions over the lines, which stay in the order of names.
func layOver(p *index.Publication, revisions []revision) error {
	at := make(map[string]int, len(p.Lines))
	for i, l := range p.Lines {
		at[l.Name] = i
	}
	for _, r := range revisions {
		line, doc, err := r.encode(p.Head.Seq)
		if err != nil {
			return err
		}
		if i, ok := at[line.Name]; ok {
			p.Lines[i] = line
		} else {
			p.Lines = append(p.Lines, line)
		}
		p.Documents = append(p.Documents, r.Document)
		p.Files = append(p.Files, r.Files...)
		p.Files = append(p.Files, objectFile(doc))
	}
	slices.SortFunc(p.Lines, func(a, b index.Line) int { return strings.Compare(a.Name, b.Name) })
	return nil
}

func (r revision) encode(seq int64) (index.Line, index.Object, error) {
	doc, err := r.Document.Encode()
	if err != nil {
		return index.Line{}, index.Object{}, err
	}
	rec := r.Record
	rec.Name, rec.Rev, rec.Doc = r.Document.Name, seq, doc.Ref
	line, err := index.NewLine(rec)
	return line, doc, err
}
