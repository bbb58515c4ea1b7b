package ceremony

import (
	"fmt"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/trust"
)

// schema is the schema word of a draft.
const schema = "kpm.draft/v1"

// MaxDraft is how many bytes a draft may have: a document and its signatures, with
// room for white space.
const MaxDraft = 4 * (index.MaxTrust + index.MaxSignatures*index.MaxBundle)

// Draft is a trust document that is not published yet.
type Draft struct {
	Document *trust.Document
	last     *trust.Document // the one that it follows
	bundles  [][]byte
}

// file is how a draft is stored.
type file struct {
	Schema     string           `json:"schema"`
	Follows    trust.Pin        `json:"follows"`
	Document   jsontext.Value   `json:"document"`
	Signatures []jsontext.Value `json:"signatures"`
}

// Begin drafts the document that follows last, which is at least document 1 and has
// been read: equal to it but for its number.
func Begin(last *trust.Document) (*Draft, error) {
	payload, err := last.Encode()
	if err != nil {
		return nil, err
	}
	next, err := trust.DecodeDocument(payload)
	if err != nil {
		return nil, err
	}
	next.Version++
	return &Draft{Document: next, last: last}, nil
}

// Decode reads a draft that follows last. It checks the document as clients will, and
// says nothing about the signatures.
func Decode(data []byte, last *trust.Document) (*Draft, error) {
	if len(data) > MaxDraft {
		return nil, fmt.Errorf("reading draft: %d bytes exceed %d", len(data), MaxDraft)
	}
	var f file
	if err := index.DecodeStrict(data, &f); err != nil {
		return nil, fmt.Errorf("reading draft: %w", err)
	}
	if f.Schema != schema {
		return nil, fmt.Errorf("reading draft: schema is %q, not %q", f.Schema, schema)
	}
	if was := pinOf(last); f.Follows != was {
		return nil, fmt.Errorf("reading draft: it follows %s, and the newest trust document at hand is %s", f.Follows, was)
	}
	d, err := trust.DecodeDocument(f.Document)
	if err != nil {
		return nil, fmt.Errorf("reading draft: %w", err)
	}
	if d.Version != last.Version+1 || d.Repository != last.Repository || d.Epoch < last.Epoch {
		return nil, fmt.Errorf("reading draft: document %d of %s, epoch %d, cannot follow %s, epoch %d", d.Version, d.Repository, d.Epoch, last, last.Epoch)
	}
	if len(f.Signatures) > index.MaxSignatures {
		return nil, fmt.Errorf("reading draft: there are more than %d signatures", index.MaxSignatures)
	}
	draft := &Draft{Document: d, last: last}
	for _, s := range f.Signatures {
		if err := s.Compact(); err != nil {
			return nil, fmt.Errorf("reading draft: %w", err)
		}
		draft.bundles = append(draft.bundles, s)
	}
	return draft, nil
}

// Encode writes the draft for people to read.
func (d *Draft) Encode() ([]byte, error) {
	payload, err := d.Document.Encode()
	if err != nil {
		return nil, err
	}
	f := file{Schema: schema, Follows: pinOf(d.last), Document: payload, Signatures: []jsontext.Value{}}
	for _, b := range d.bundles {
		f.Signatures = append(f.Signatures, b)
	}
	text, err := json.Marshal(f, jsontext.WithIndent("  "))
	if err != nil {
		return nil, fmt.Errorf("writing draft: %w", err)
	}
	return append(text, '\n'), nil
}

func pinOf(d *trust.Document) trust.Pin {
	return trust.Pin{Version: d.Version, Digest: d.Digest()}
}

// Pin is what the document will be pinned by once it is published.
func (d *Draft) Pin() (trust.Pin, error) {
	payload, err := d.Document.Encode()
	return trust.Pin{Version: d.Document.Version, Digest: index.DigestOf(payload)}, err
}

// Changes says what the draft changes, see Changes.
func (d *Draft) Changes() []string {
	return Changes(d.last, d.Document)
}
