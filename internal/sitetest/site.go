// Package sitetest publishes repositories from memory, for tests of those who
// pull from them: with real keys and signatures, over a real web server, and
// with any fault that a test wants.
package sitetest

import (
	"bytes"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/trust"
	"github.com/kpm-sh/kpm/signing/signer"
)

// Site is a published repository in memory, and a web server for it that can be
// told to misbehave.
type Site struct {
	t      *testing.T
	URL    string
	Name   string
	Now    time.Time       // of the next publish
	Key    *signer.Key     // signs heads and provenance
	Boss   *signer.Key     // signs trust documents
	Doc    *trust.Document // the newest
	Pin    trust.Pin       // of trust document 1
	Root   index.Digest
	Head   *index.Head // the newest
	Lines  map[string]index.Line
	docs   map[string]*index.Document
	was    map[string]index.Record // of each release when it was published, by NAME@VERSION
	Change func(*index.Head)       // applied to the next head before it is signed

	mu    sync.Mutex
	files map[string][]byte
	fault func(http.ResponseWriter, *http.Request) bool // true: it has answered
	asked []string
}

const day = 24 * time.Hour

// Start is when the first publish happens, unless a test sets Now.
func Start() time.Time { return time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC) }

// New makes a site with trust document 1 and nothing published.
func New(t *testing.T) *Site {
	t.Helper()
	return Named(t, "test")
}

// Named is New for a repository of that name.
func Named(t *testing.T, name string) *Site {
	t.Helper()
	s := &Site{
		t: t, Name: name, Now: Start(), Key: NewKey(t), Boss: NewKey(t),
		Lines: map[string]index.Line{}, docs: map[string]*index.Document{}, was: map[string]index.Record{}, files: map[string][]byte{},
	}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	s.URL = server.URL
	s.Trust(nil)
	return s
}

// NewKey makes a key.
func NewKey(t *testing.T) *signer.Key {
	t.Helper()
	k, err := signer.GenerateKey()
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// Trust publishes the next trust document.
func (s *Site) Trust(change func(*trust.Document)) {
	s.t.Helper()
	d := trust.Document{
		Schema: trust.Schema, Repository: s.Name, Version: 1, Epoch: 1, Expires: index.At(s.Now.Add(365 * day)),
		Signers:  map[string]trust.Signer{"boss": trust.KeySigner(s.Boss.Public()), "ci": trust.KeySigner(s.Key.Public())},
		Roles:    trust.Roles{Trust: trust.Role{Signers: []string{"boss"}, Threshold: 1}, Index: trust.Role{Signers: []string{"ci"}, Threshold: 1}},
		Sigstore: map[string]trust.Sigstore{}, MaxGraceDays: 30, Extensions: map[string]jsontext.Value{},
	}
	if s.Doc != nil {
		d.Version, d.Epoch = s.Doc.Version+1, s.Doc.Epoch
	}
	if change != nil {
		change(&d)
	}
	env, err := trust.Sign(&d, s.Boss)
	if err != nil {
		s.t.Fatal(err)
	}
	s.Doc = &d
	if d.Version == 1 {
		s.Pin, s.Root = trust.PinOf(1, env), env.Digest()
	}
	s.Put(index.TrustPath(d.Version), encodeEnvelope(s.t, env))
}

func encodeEnvelope(t *testing.T, env *index.Envelope) []byte {
	t.Helper()
	data, err := env.Encode()
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// Publish adds editions and signs the next head.
func (s *Site) Publish(editions ...*Edition) {
	s.t.Helper()
	seq := int64(1)
	var listed []index.Segment
	if s.Head != nil {
		seq, listed = s.Head.Seq+1, s.Head.Segments
	}
	for _, e := range editions {
		s.add(e, seq)
	}
	lines := slices.SortedFunc(maps.Values(s.Lines), func(a, b index.Line) int { return strings.Compare(a.Name, b.Name) })
	segments, objects, err := index.Publish(listed, lines, seq)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, o := range objects {
		s.Put(index.ObjectPath(o.SHA256), o.Data)
	}
	tally := index.TallyOf(lines)
	h := &index.Head{
		Schema: index.HeadSchema, Repository: s.Name, Root: s.Root, Trust: s.Doc.Version, Epoch: s.Doc.Epoch, Seq: seq,
		Issued: index.At(s.Now), Expires: index.At(s.Now.Add(14 * day)), Kubes: tally.Kubes, Sum: tally.Sum(),
		Segments: segments, Extensions: map[string]jsontext.Value{},
	}
	if s.Change != nil {
		s.Change(h)
		s.Change = nil
	}
	s.Head = h
	s.Sign(s.Key)
}

// Sign signs the present head with a key, in the place of what was there.
func (s *Site) Sign(key *signer.Key) {
	s.t.Helper()
	env, err := trust.SignHead(s.Head, key)
	if err != nil {
		s.t.Fatal(err)
	}
	s.Put(index.HeadPath, encodeEnvelope(s.t, env))
}

func (s *Site) add(e *Edition, seq int64) {
	s.t.Helper()
	doc := s.docs[e.Name]
	if doc == nil {
		doc = &index.Document{Schema: index.DocumentSchema, Name: e.Name}
		s.docs[e.Name] = doc
	}
	switch {
	case e.recalled != "":
		e.Record = s.recall(doc, e)
	case e.Record.Gone == "":
		doc.Releases = append([]index.Release{s.pack(e)}, doc.Releases...)
		if e.Record.Built.IsZero() {
			e.Record.Built = index.At(s.Now)
		}
		s.was[e.Name+"@"+e.Version] = e.Record
	}
	o, err := doc.Encode()
	if err != nil {
		s.t.Fatal(err)
	}
	s.Put(index.ObjectPath(o.SHA256), o.Data)
	e.Record.Name, e.Record.Rev, e.Record.Doc = e.Name, seq, o.Ref
	line, err := index.NewLine(e.Record)
	if err != nil {
		s.t.Fatal(err)
	}
	s.Lines[e.Name] = line
}

// Misbehave makes the server answer as it is told; nil makes it behave.
func (s *Site) Misbehave(fault func(http.ResponseWriter, *http.Request) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault, s.asked = fault, nil
}

// Requests are the paths asked for since the last Misbehave.
func (s *Site) Requests() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.asked)
}

// ServeHTTP answers as a static host, or as it was told.
func (s *Site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := strings.TrimPrefix(r.URL.Path, "/")
	s.mu.Lock()
	data, ok := s.files[path]
	fault := s.fault
	s.asked = append(s.asked, path)
	s.mu.Unlock()
	switch {
	case fault != nil && fault(w, r):
	case !ok:
		http.NotFound(w, r)
	default:
		w.Header().Set("ETag", `"`+string(index.DigestOf(data))+`"`)
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(data))
	}
}

// Newest is the path of the object that holds what the last publish changed.
func (s *Site) Newest() string {
	s.t.Helper()
	for _, seg := range s.Head.Segments {
		if seg.From == s.Head.Seq-1 && seg.To == s.Head.Seq && len(seg.Parts) > 0 {
			return index.ObjectPath(seg.Parts[0].SHA256)
		}
	}
	s.t.Fatal("the last publish changed nothing")
	return ""
}

// NewKey makes a key.
func (s *Site) NewKey() *signer.Key {
	s.t.Helper()
	return NewKey(s.t)
}
