package index

import (
	"errors"
	"fmt"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/kpm-sh/kpm/internal/kube"
)

// HeadSchema is the schema word of a head.
const HeadSchema = "kpm.index/v1"

// Head is the payload of HeadPath: the one signed statement from which every
// other byte of a repository is reached by sha256 and size.
type Head struct {
	Schema     string                    `json:"schema"`
	Repository string                    `json:"repository"`
	Root       Digest                    `json:"root"`  // payload digest of trust document 1
	Trust      int64                     `json:"trust"` // number of the newest trust document
	Epoch      int64                     `json:"epoch"`
	Seq        int64                     `json:"seq"`
	Issued     Time                      `json:"issued"`
	Expires    Time                      `json:"expires"`
	Prev       Digest                    `json:"prev"`  // payload digest of the previous head, "" in the first
	Kubes      int64                     `json:"kubes"` // number of lines that are not gone
	Sum        Digest                    `json:"sum"`   // XOR of sha256 over every held line
	Segments   []Segment                 `json:"segments"`
	Extensions map[string]jsontext.Value `json:"extensions"`
}

// Segment lists the parts that hold the records with From < rev ≤ To.
type Segment struct {
	From  int64  `json:"from"`
	To    int64  `json:"to"`
	Parts []Part `json:"parts"`
}

// Part is one gzip'd piece of a segment. Raw is its size unpacked. First is the
// name in its first line: names ascend over the parts of a segment, so whoever
// looks for one Kube alone needs one part of each segment of a chain.
type Part struct {
	SHA256 Digest `json:"sha256"`
	Size   int64  `json:"size"`
	Raw    int64  `json:"raw"`
	First  string `json:"first"`
}

// Ref is the reference to the part's stored bytes.
func (p Part) Ref() Ref {
	return Ref{p.SHA256, p.Size}
}

// ErrFormat is what bytes that do not obey the format are refused with.
var ErrFormat = errors.New("not of the format")

// DecodeHead reads a head's payload, strictly, and checks every rule that the
// payload alone can break. The caller has verified its signature.
func DecodeHead(payload []byte) (*Head, error) {
	var h Head
	if err := DecodeStrict(payload, &h); err != nil {
		return nil, fmt.Errorf("reading head: %w", err)
	}
	if err := h.check(); err != nil {
		return nil, fmt.Errorf("reading head: %w: %w", ErrFormat, err)
	}
	return &h, nil
}

// Encode writes the payload; the same head gives the same bytes.
func (h *Head) Encode() ([]byte, error) {
	if err := h.check(); err != nil {
		return nil, fmt.Errorf("writing head: %w", err)
	}
	return encode(h)
}

func (h *Head) check() error {
	switch {
	case h.Schema != HeadSchema:
		return fmt.Errorf("schema is %q, not %q", h.Schema, HeadSchema)
	case h.Repository == "":
		return errors.New("repository is empty")
	case h.Root != "" && !h.Root.Valid():
		return errors.New("root is not a digest")
	case h.Prev != "" && !h.Prev.Valid():
		return errors.New("prev is not a digest")
	case !h.Sum.Valid():
		return errors.New("sum is not a digest")
	case h.Seq < 1:
		return errors.New("seq is below 1")
	case h.Epoch < 1:
		return errors.New("epoch is below 1")
	case !h.Expires.After(h.Issued.Time):
		return errors.New("expires is not after issued")
	}
	return h.checkSegments()
}

func (h *Head) checkSegments() error {
	parts := 0
	for i, s := range h.Segments {
		if s.From >= s.To || s.To > h.Seq {
			return fmt.Errorf("segment %d: (%d,%d] is no range up to %d", i, s.From, s.To, h.Seq)
		}
		if err := s.checkParts(); err != nil {
			return fmt.Errorf("segment %d: %w", i, err)
		}
		parts += len(s.Parts)
	}
	if parts > MaxParts {
		return fmt.Errorf("%d parts exceed %d", parts, MaxParts)
	}
	_, err := h.Plan(0)
	return err
}

func (s Segment) checkParts() error {
	last := ""
	for _, p := range s.Parts {
		switch {
		case !p.SHA256.Valid():
			return errors.New("sha256 is not a digest")
		case p.Size < 1 || p.Size > MaxPart || p.Raw < 1 || p.Raw > MaxPart:
			return fmt.Errorf("part of %d bytes, %d raw, exceeds %d", p.Size, p.Raw, MaxPart)
		case kube.ValidName(p.First) != nil:
			return fmt.Errorf("first is %q, not the name of a Kube", p.First)
		case p.First <= last:
			return fmt.Errorf("first is %q after %q", p.First, last)
		}
		last = p.First
	}
	return nil
}

// PreviousExtension is the extension that names the previous head as it is
// stored in objects/: Prev is the digest of its payload, but an object is named
// by the digest of its stored bytes, which also hold the signatures.
const PreviousExtension = "previous"

// Further extensions.
const (
	siteExtension   = "site"   // names the object that leads to the list of the web site's pages
	urlExtension    = "url"    // a text: where the site is served
	sourceExtension = "source" // a text: where the packages repository is developed
)

// Previous is the object that holds the previous head's envelope. It is not ok
// in a first head.
func (h *Head) Previous() (ref Ref, ok bool) {
	ref, ok = h.extension(PreviousExtension)
	return ref, ok && ref.Size <= MaxHead
}

// SetPrevious names the object that holds the head before this one.
func (h *Head) SetPrevious(r Ref) { h.setExtension(PreviousExtension, r) }

// Site is the object that internal/pagelist reads. It is not ok where no web
// site was drawn.
func (h *Head) Site() (ref Ref, ok bool) {
	ref, ok = h.extension(siteExtension)
	return ref, ok && ref.Size <= MaxPart
}

// SetSite names the object that leads to the list of pages.
func (h *Head) SetSite(r Ref) { h.setExtension(siteExtension, r) }

// URL is where the site is served, "" where its publisher did not say.
func (h *Head) URL() string { return h.text(urlExtension) }

// Source is where the packages repository is developed, as a browser opens it, ""
// where its publisher did not say.
func (h *Head) Source() string { return h.text(sourceExtension) }

// SetAddresses says where the site is served, and where the packages repository
// is developed; "" says nothing.
func (h *Head) SetAddresses(url, source string) error {
	for name, text := range map[string]string{urlExtension: url, sourceExtension: source} {
		if text == "" {
			continue
		}
		v, err := encode(text)
		if err != nil {
			return fmt.Errorf("writing head: %s: %w", name, err)
		}
		h.Extensions[name] = v
	}
	return nil
}

func (h *Head) text(name string) string {
	var text string
	if v, ok := h.Extensions[name]; !ok || decode(v, &text) != nil {
		return ""
	}
	return text
}

func (h *Head) extension(name string) (ref Ref, ok bool) {
	v, ok := h.Extensions[name]
	return ref, ok && decode(v, &ref) == nil && ref.SHA256.Valid()
}

func (h *Head) setExtension(name string, r Ref) {
	if h.Extensions == nil {
		h.Extensions = map[string]jsontext.Value{}
	}
	h.Extensions[name] = fmt.Appendf(nil, `{"sha256":%q,"size":%d}`, r.SHA256, r.Size)
}
