package client

import (
	"bytes"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/kpm-sh/kpm/internal/fetch"
	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/trust"
	"github.com/kpm-sh/kpm/signing"
)

// site is a published repository in memory, and a web server for it that can be
// told to misbehave.
type site struct {
	t      *testing.T
	url    string
	name   string
	now    time.Time // of the next publish
	key    *signing.Key
	boss   *signing.Key // role trust
	doc    *trust.Document
	pin    trust.Pin
	root   index.Digest
	head   *index.Head
	lines  map[string]index.Line
	docs   map[string]*index.Document
	change func(*index.Head) // applied to the next head before it is signed

	mu    sync.Mutex
	files map[string][]byte
	fault func(http.ResponseWriter, *http.Request) bool // true: it has answered
	asked []string
}

// start of time in these tests.
var t0 = time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)

func newSite(t *testing.T) *site {
	t.Helper()
	s := &site{
		t: t, name: "test", now: t0, key: newKey(t), boss: newKey(t),
		lines: map[string]index.Line{}, docs: map[string]*index.Document{}, files: map[string][]byte{},
	}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	s.url = server.URL
	s.trust(func(*trust.Document) {})
	return s
}

func newKey(t *testing.T) *signing.Key {
	t.Helper()
	k, err := signing.GenerateKey()
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// trust publishes the next trust document.
func (s *site) trust(change func(*trust.Document)) {
	s.t.Helper()
	d := trust.Document{
		Schema: trust.Schema, Repository: s.name, Version: 1, Epoch: 1, Expires: index.At(s.now.Add(365 * day)),
		Signers:  map[string]trust.Signer{"boss": trust.KeySigner(s.boss.Public()), "ci": trust.KeySigner(s.key.Public())},
		Roles:    trust.Roles{Trust: trust.Role{Signers: []string{"boss"}, Threshold: 1}, Index: trust.Role{Signers: []string{"ci"}, Threshold: 1}},
		Sigstore: map[string]trust.Sigstore{}, MaxGraceDays: 30, Extensions: map[string]jsontext.Value{},
	}
	if s.doc != nil {
		d.Version, d.Epoch = s.doc.Version+1, s.doc.Epoch
	}
	change(&d)
	env, err := trust.Sign(&d, s.boss)
	if err != nil {
		s.t.Fatal(err)
	}
	s.doc = &d
	if d.Version == 1 {
		s.pin, s.root = trust.PinOf(1, env), env.Digest()
	}
	s.put(index.TrustPath(d.Version), encodeEnvelope(s.t, env))
}

func encodeEnvelope(t *testing.T, env *index.Envelope) []byte {
	t.Helper()
	data, err := env.Encode()
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// release makes a release of a Kube, to be changed and published.
func release(name, version string) *edition {
	meta := fmt.Sprintf("name: %s\nversion: %s\ndescription: %s is a Kube of the tests\n", name, version, name)
	return &edition{
		name: name, version: version,
		files: []kube.File{
			{Path: "K3.yaml", Data: []byte(meta)},
			{Path: "manifests/" + name + ".yaml", Data: []byte("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: " + name + "\n")},
			{Path: "run.sh", Data: []byte("#!/bin/sh\n"), Exec: true},
		},
		record: index.Record{
			Version: version, Description: name + " is a Kube of the tests", Kinds: []string{"ConfigMap"}, Provides: []string{name + ".yaml"},
		},
	}
}

// edition is a release on its way. change is applied to what the document will
// say of it, forge to what its provenance says.
type edition struct {
	name, version string
	files         []kube.File
	record        index.Record
	change        func(*index.Release)
	forge         func(*signing.Provenance)
}

// gone makes a Kube go.
func gone(name, reason string) *edition {
	return &edition{name: name, record: index.Record{Gone: reason}}
}

// publish adds editions and signs the next head.
func (s *site) publish(editions ...*edition) {
	s.t.Helper()
	seq := int64(1)
	var listed []index.Segment
	if s.head != nil {
		seq, listed = s.head.Seq+1, s.head.Segments
	}
	for _, e := range editions {
		s.add(e, seq)
	}
	lines := slices.SortedFunc(maps.Values(s.lines), func(a, b index.Line) int { return strings.Compare(a.Name, b.Name) })
	segments, objects, err := index.Publish(listed, lines, seq)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, o := range objects {
		s.put(index.ObjectPath(o.SHA256), o.Data)
	}
	tally := index.TallyOf(lines)
	h := &index.Head{
		Schema: index.HeadSchema, Repository: s.name, Root: s.root, Trust: s.doc.Version, Epoch: s.doc.Epoch, Seq: seq,
		Issued: index.At(s.now), Expires: index.At(s.now.Add(14 * day)), Kubes: tally.Kubes, Sum: tally.Sum(),
		Segments: segments, Extensions: map[string]jsontext.Value{},
	}
	if s.change != nil {
		s.change(h)
		s.change = nil
	}
	s.head = h
	s.sign(s.key)
}

// sign signs the present head with a key, in the place of what was there.
func (s *site) sign(key *signing.Key) {
	s.t.Helper()
	env, err := trust.SignHead(s.head, key)
	if err != nil {
		s.t.Fatal(err)
	}
	s.put(index.HeadPath, encodeEnvelope(s.t, env))
}

func (s *site) add(e *edition, seq int64) {
	s.t.Helper()
	doc := s.docs[e.name]
	if doc == nil {
		doc = &index.Document{Schema: index.DocumentSchema, Name: e.name}
		s.docs[e.name] = doc
	}
	if e.record.Gone == "" {
		doc.Releases = append([]index.Release{s.pack(e)}, doc.Releases...)
		e.record.Built = index.At(s.now)
	}
	o, err := doc.Encode()
	if err != nil {
		s.t.Fatal(err)
	}
	s.put(index.ObjectPath(o.SHA256), o.Data)
	e.record.Name, e.record.Rev, e.record.Doc = e.name, seq, o.Ref
	line, err := index.NewLine(e.record)
	if err != nil {
		s.t.Fatal(err)
	}
	s.lines[e.name] = line
}

func (s *site) pack(e *edition) index.Release {
	s.t.Helper()
	version, err := kube.ParseVersion(e.version)
	if err != nil {
		s.t.Fatal(err)
	}
	k := &kube.Kube{Meta: kube.Meta{Name: e.name, Version: version}, Files: e.files}
	var archive, tar bytes.Buffer
	if err := k.Pack(&archive); err != nil {
		s.t.Fatal(err)
	}
	if err := k.Tar(&tar); err != nil {
		s.t.Fatal(err)
	}
	ref := index.RefOf(archive.Bytes())
	r := index.Release{Version: e.version, SHA256: ref.SHA256, Size: ref.Size, Tar: index.DigestOf(tar.Bytes()), Built: index.At(s.now)}
	says := trust.Provenance(s.name, e.name, r)
	if e.forge != nil {
		e.forge(&says)
	}
	statement, err := says.Statement()
	if err != nil {
		s.t.Fatal(err)
	}
	bundle, err := s.key.Attest(statement)
	if err != nil {
		s.t.Fatal(err)
	}
	at := index.ProvenancePath(e.name, e.version)
	b := index.RefOf(bundle)
	r.Attestations = []index.Attestation{{Type: signing.ProvenanceType, Path: at, SHA256: b.SHA256, Size: b.Size}}
	if e.change != nil {
		e.change(&r)
	}
	s.put(at, bundle)
	s.put(index.ArchivePath(e.name, e.version), archive.Bytes())
	return r
}

func (s *site) put(path string, data []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.files[path] = data
}

func (s *site) get(path string) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.files[path]
}

func (s *site) remove(path string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.files, path)
}

// misbehave makes the server answer as it is told; nil makes it behave.
func (s *site) misbehave(fault func(http.ResponseWriter, *http.Request) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault, s.asked = fault, nil
}

func (s *site) requests() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.asked)
}

func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
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

// copy is a second server of what the site has now.
func (s *site) copy() *site {
	c := &site{t: s.t, name: s.name, now: s.now, key: s.key, boss: s.boss, doc: s.doc, pin: s.pin, root: s.root, head: s.head,
		lines: maps.Clone(s.lines), docs: maps.Clone(s.docs), files: maps.Clone(s.files)}
	server := httptest.NewServer(c)
	s.t.Cleanup(server.Close)
	c.url = server.URL
	return c
}

// newClient is a client with an empty home that tells its notices to the log.
func newClient(t *testing.T) *Client {
	t.Helper()
	return &Client{
		Home: Home{Dir: t.TempDir()}, Now: func() time.Time { return t0.Add(time.Hour) },
		Fetch:  fetch.Options{Pause: time.Millisecond},
		Notice: func(n Notice) { t.Logf("notice: %+v", n) },
	}
}

// client is a client that has pinned the site as "main", with further sources.
func (s *site) client(mirrors ...*site) *Client {
	s.t.Helper()
	c := newClient(s.t)
	r := Repository{Alias: "main", Sources: []string{s.url}, Pin: &s.pin}
	for _, m := range mirrors {
		r.Sources = append(r.Sources, m.url)
	}
	if err := c.Add(s.t.Context(), r); err != nil {
		s.t.Fatal(err)
	}
	return c
}

// update updates a client, which must work.
func update(t *testing.T, c *Client) Updated {
	t.Helper()
	u, err := tryUpdate(t, c)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func tryUpdate(t *testing.T, c *Client) (Updated, error) {
	t.Helper()
	var got Updated
	err := c.Update(t.Context(), "", func(u Updated) { got = u })
	return got, err
}

// hits are the names that a search finds.
func hits(t *testing.T, c *Client, pattern string) string {
	t.Helper()
	found, err := c.Search(t.Context(), "", pattern, 0)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, h := range found.Hits {
		names = append(names, h.Name+"@"+h.Version)
	}
	return strings.Join(names, " ")
}
