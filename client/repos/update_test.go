package repos

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kpm-sh/kpm/internal/fetch"
	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/sharedtest"
	"github.com/kpm-sh/kpm/internal/sitetest"
	"github.com/kpm-sh/kpm/internal/trust"
)

func TestUpdateTellsWhatChanged(t *testing.T) {
	s := sitetest.New(t)
	s.Publish(sitetest.Release("a", "1.0.0"), sitetest.Release("b", "1.0.0"), sitetest.Release("c", "1.0.0"))
	c := setOf(t, s)
	if u := update(t, c); !u.First || u.Kubes != 3 || u.Bytes == 0 {
		t.Errorf("first update: got %+v", u)
	}
	if u := update(t, c); !u.Unchanged {
		t.Errorf("update of nothing: got %+v", u)
	}
	s.Publish(sitetest.Release("a", "1.1.0"), sitetest.Gone("b", "nobody looks after it"), sitetest.Release("d", "0.1.0"))
	want := changes{
		New:      []Change{{Name: "d", To: "0.1.0"}},
		Upgraded: []Change{{Name: "a", From: "1.0.0", To: "1.1.0"}},
		Gone:     []Change{{Name: "b", From: "1.0.0", Reason: "nobody looks after it"}},
	}
	if diff := cmp.Diff(want, update(t, c).changes); diff != "" {
		t.Errorf("changes (-want +got):\n%s", diff)
	}
	if got, want := hits(t, c, ""), "a@1.1.0 c@1.0.0 d@0.1.0"; got != want {
		t.Errorf("after the update: got %s, want %s", got, want)
	}
}

// Nothing changed costs the trust probe and one head request, which brings no
// body.
func TestUpdateOfNothingIsCheap(t *testing.T) {
	s := sitetest.New(t)
	s.Publish(sitetest.Release("a", "1.0.0"))
	c := setOf(t, s)
	update(t, c)
	s.Misbehave(nil)
	update(t, c)
	if diff := cmp.Diff([]string{"trust/2.json", "v1/index.json"}, s.Requests()); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

func TestUpdateFromAnyState(t *testing.T) {
	s := sitetest.New(t)
	s.Publish(sitetest.Release("a", "1.0.0"))
	clients := []*Set{setOf(t, s)}
	for i := range 20 {
		s.Publish(sitetest.Release(fmt.Sprintf("k%d", i%7), fmt.Sprintf("1.%d.0", i)))
		c := setOf(t, s)
		update(t, c)
		clients = append(clients, c)
	}
	want := hits(t, clients[len(clients)-1], "")
	for i, c := range clients {
		update(t, c)
		if got := hits(t, c, ""); got != want {
			t.Errorf("from publish %d: got %s, want %s", i, got, want)
		}
	}
}

// answer makes a server answer one path in its own way.
func answering(path string, how http.HandlerFunc) func(http.ResponseWriter, *http.Request) bool {
	return func(w http.ResponseWriter, r *http.Request) bool {
		if strings.TrimPrefix(r.URL.Path, "/") != path {
			return false
		}
		how(w, r)
		return true
	}
}

func page(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html>Welcome</html>") }

func status(code int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
}

func loop(w http.ResponseWriter, r *http.Request) {
	http.Redirect(w, r, r.URL.Path, http.StatusFound)
}

// What does not verify as the next trust document counts as not there.
func TestUpdateTakesGarbageForNoTrustDocument(t *testing.T) {
	for name, how := range map[string]http.HandlerFunc{
		"fallback page": page, "403": status(403), "500": status(500), "redirect loop": loop,
		"login":     func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/login", http.StatusFound) },
		"truncated": func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{"payload":"{`) },
		"too long":  func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, index.MaxTrust+1)) },
	} {
		t.Run(name, func(t *testing.T) {
			s := sitetest.New(t)
			s.Publish(sitetest.Release("a", "1.0.0"))
			s.Misbehave(answering("trust/2.json", how))
			update(t, setOf(t, s))
		})
	}
}

// refusal is a fault that an update must refuse with a code, changing nothing.
type refusal struct {
	code trust.Code
	make func(*sitetest.Site)
}

var refusals = map[string]refusal{
	"head of another key": {trust.Signature, func(s *sitetest.Site) { s.Publish(); s.Sign(s.NewKey()) }},
	"head of the trust key": {trust.WrongSigner, func(s *sitetest.Site) {
		s.Publish()
		s.Sign(s.Boss)
	}},
	"same number, other payload": {trust.Equivocation, func(s *sitetest.Site) {
		s.Head.Extensions["x"] = []byte(`1`)
		s.Sign(s.Key)
	}},
	"older head": {trust.Rollback, func(s *sitetest.Site) {
		s.Head.Seq--
		s.Head.Segments = []index.Segment{{From: 0, To: s.Head.Seq}}
		s.Sign(s.Key)
	}},
	"expired head":     {trust.Frozen, func(s *sitetest.Site) { s.Now = t0.Add(-20 * day); s.Publish() }},
	"head of tomorrow": {trust.Clock, func(s *sitetest.Site) { s.Now = t0.Add(2 * day); s.Publish() }},
	"head of another repository": {trust.TrustPin, func(s *sitetest.Site) {
		s.Change = func(h *index.Head) { h.Repository = "other" }
		s.Publish()
	}},
	"head of another root": {trust.TrustPin, func(s *sitetest.Site) {
		s.Change = func(h *index.Head) { h.Root = index.DigestOf(nil) }
		s.Publish()
	}},
	"head that needs a trust document": {trust.Missing, func(s *sitetest.Site) {
		s.Change = func(h *index.Head) { h.Trust = 2 }
		s.Publish()
	}},
	"head of a raised epoch": {trust.TrustChain, func(s *sitetest.Site) {
		s.Change = func(h *index.Head) { h.Epoch = 2 }
		s.Publish()
	}},
	"page in place of the head": {trust.Format, func(s *sitetest.Site) { s.Misbehave(answering(index.HeadPath, page)) }},
	"no head":                   {trust.Missing, func(s *sitetest.Site) { s.Remove(index.HeadPath) }},
	"forbidden head":            {trust.Missing, func(s *sitetest.Site) { s.Misbehave(answering(index.HeadPath, status(403))) }},
	"head in a redirect loop":   {trust.Missing, func(s *sitetest.Site) { s.Misbehave(answering(index.HeadPath, loop)) }},
	"head without end": {trust.Size, func(s *sitetest.Site) {
		s.Misbehave(answering(index.HeadPath, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, index.MaxHead+1)) }))
	}},
	"missing record": {trust.Missing, func(s *sitetest.Site) { s.Publish(sitetest.Release("b", "1.0.0")); s.Remove(s.Newest()) }},
	"record in a redirect loop": {trust.Missing, func(s *sitetest.Site) {
		s.Publish(sitetest.Release("b", "1.0.0"))
		s.Misbehave(answering(s.Newest(), loop))
	}},
	"record without content": {trust.Missing, func(s *sitetest.Site) {
		s.Publish(sitetest.Release("b", "1.0.0"))
		s.Misbehave(answering(s.Newest(), status(204)))
	}},
	"other record": {trust.Digest, func(s *sitetest.Site) {
		s.Publish(sitetest.Release("b", "1.0.0"))
		s.Put(s.Newest(), flip(s.Get(s.Newest())))
	}},
	"longer record": {trust.Size, func(s *sitetest.Site) {
		s.Publish(sitetest.Release("b", "1.0.0"))
		s.Put(s.Newest(), append(s.Get(s.Newest()), 0))
	}},
	"shorter record": {trust.Size, func(s *sitetest.Site) {
		s.Publish(sitetest.Release("b", "1.0.0"))
		s.Put(s.Newest(), s.Get(s.Newest())[1:])
	}},
	"records of no sum":   {trust.Format, func(s *sitetest.Site) { s.Change = func(h *index.Head) { h.Sum = index.DigestOf(nil) }; s.Publish() }},
	"records of no count": {trust.Format, func(s *sitetest.Site) { s.Change = func(h *index.Head) { h.Kubes++ }; s.Publish() }},
	"expired trust document": {trust.TrustExpired, func(s *sitetest.Site) {
		s.Trust(func(d *trust.Document) { d.Expires = index.At(t0.Add(-day)) })
		s.Publish()
	}},
}

func flip(b []byte) []byte {
	out := append([]byte{}, b...)
	out[len(out)/2] ^= 1
	return out
}

func TestUpdateRefuses(t *testing.T) {
	for name, fault := range refusals {
		t.Run(name, func(t *testing.T) {
			s := sitetest.New(t)
			s.Publish(sitetest.Release("a", "1.0.0"))
			s.Publish(sitetest.Release("a2", "1.0.0"))
			c := setOf(t, s)
			update(t, c)
			before := snapshot(t, c)
			fault.make(s)
			_, err := tryUpdate(t, c)
			if got := trust.CodeOf(err); got != fault.code {
				t.Errorf("got %q (%v), want %s", got, err, fault.code)
			}
			if diff := cmp.Diff(before, snapshot(t, c)); diff != "" {
				t.Errorf("the home changed (-before +after):\n%s", diff)
			}
			if got, want := hits(t, c, ""), "a@1.0.0 a2@1.0.0"; got != want {
				t.Errorf("afterwards search finds %s, want %s", got, want)
			}
		})
	}
}

// snapshot is the content of a home but for trust documents, which are stored
// whatever comes after them.
func snapshot(t *testing.T, c *Set) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.Walk(c.Home.Dir, func(path string, info os.FileInfo, err error) error {
		if err != nil || info.IsDir() || strings.Contains(path, "/trust/") {
			return err
		}
		data, err := os.ReadFile(path)
		files[strings.TrimPrefix(path, c.Home.Dir)] = string(index.DigestOf(data))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// With a second source that is sound, each of these faults is passed over.
func TestUpdateGoesOnToTheNextSource(t *testing.T) {
	for name, fault := range refusals {
		t.Run(name, func(t *testing.T) {
			s := sitetest.New(t)
			s.Publish(sitetest.Release("a", "1.0.0"))
			s.Publish(sitetest.Release("a2", "1.0.0"))
			good := s.Copy()
			c := setOf(t, s, good)
			update(t, c)
			good.Publish(sitetest.Release("good", "1.0.0"))
			if fault.code == trust.TrustExpired {
				t.Skip("a trust document counts for all sources")
			}
			if name == "page in place of the head" || name == "no head" {
				good.Remove("trust/2.json")
			}
			fault.make(s)
			update(t, c)
			if got, want := hits(t, c, "good"), "good@1.0.0"; !strings.HasPrefix(got, want) {
				t.Errorf("got %s, want %s", got, want)
			}
		})
	}
}

// A cache on the way gives an old head whose records are not there: the head is
// asked for once more, past caches.
func TestUpdateBehindACache(t *testing.T) {
	s := sitetest.New(t)
	s.Publish(sitetest.Release("a", "1.0.0"))
	c := setOf(t, s)
	update(t, c)
	s.Publish(sitetest.Release("b", "1.0.0"))
	cached, missing := s.Get(index.HeadPath), s.Newest()
	s.Publish(sitetest.Release("c", "1.0.0"))
	fresh := false
	s.Misbehave(func(w http.ResponseWriter, r *http.Request) bool {
		switch path := strings.TrimPrefix(r.URL.Path, "/"); {
		case path == index.HeadPath && r.Header.Get("Cache-Control") == "no-cache":
			fresh = true
		case path == index.HeadPath:
			_, _ = w.Write(cached)
			return true
		case path == missing && !fresh:
			w.WriteHeader(http.StatusNotFound)
			return true
		}
		return false
	})
	update(t, c)
	if got, want := hits(t, c, ""), "a@1.0.0 b@1.0.0 c@1.0.0"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestUpdateUnreachable(t *testing.T) {
	s := sitetest.New(t)
	s.Publish(sitetest.Release("a", "1.0.0"))
	c := setOf(t, s)
	update(t, c)
	s.Misbehave(func(w http.ResponseWriter, _ *http.Request) bool { w.WriteHeader(500); return true })
	if _, err := tryUpdate(t, c); !errors.Is(err, fetch.ErrUnreachable) || trust.CodeOf(err) != "" {
		t.Errorf("got %v, want unreachable", err)
	}
	if got := hits(t, c, ""); got != "a@1.0.0" {
		t.Errorf("afterwards search finds %q", got)
	}
}

// A server that always says "not modified" freezes nobody.
func TestUpdateNotModifiedIsJudgedAnew(t *testing.T) {
	frozen := func(t *testing.T) (*sitetest.Site, *Set) {
		s := sitetest.New(t)
		s.Publish(sitetest.Release("a", "1.0.0"))
		c := setOf(t, s)
		update(t, c)
		s.Misbehave(answering(index.HeadPath, status(http.StatusNotModified)))
		return s, c
	}
	t.Run("expired", func(t *testing.T) {
		_, c := frozen(t)
		c.Now = func() time.Time { return t0.Add(15 * day) }
		if _, err := tryUpdate(t, c); trust.CodeOf(err) != trust.Frozen {
			t.Errorf("got %v, want FROZEN", err)
		}
	})
	t.Run("signer removed", func(t *testing.T) {
		s, c := frozen(t)
		s.Key = sitetest.NewKey(t)
		s.Trust(nil)
		if _, err := tryUpdate(t, c); trust.CodeOf(err) != trust.WrongSigner {
			t.Errorf("got %v, want WRONG_SIGNER", err)
		}
	})
}

// A revocation that was once seen is not forgotten, though the head of that
// update could not be had.
func TestUpdateRemembersARevocation(t *testing.T) {
	s := sitetest.New(t)
	s.Publish(sitetest.Release("a", "1.0.0"))
	c := setOf(t, s)
	update(t, c)
	stolen := s.Key
	s.Key = sitetest.NewKey(t)
	s.Trust(nil)
	s.Misbehave(answering(index.HeadPath, status(404)))
	if _, err := tryUpdate(t, c); trust.CodeOf(err) != trust.Missing {
		t.Fatalf("got %v, want MISSING", err)
	}
	s.Misbehave(nil)
	s.Remove("trust/2.json")
	s.Publish()
	s.Sign(stolen)
	if _, err := tryUpdate(t, c); err == nil {
		t.Error("a head of the revoked key was accepted")
	}
}

func TestUpdateFollowsTheChain(t *testing.T) {
	s := sitetest.New(t)
	s.Publish(sitetest.Release("a", "1.0.0"))
	c := setOf(t, s)
	s.Key = sitetest.NewKey(t)
	s.Trust(nil)
	s.Trust(nil)
	s.Publish(sitetest.Release("b", "1.0.0"))
	update(t, c)
	st, err := statusOf(c)
	if err != nil {
		t.Fatal(err)
	}
	if st.Pin.Version != 3 || st.Err != nil {
		t.Errorf("got pin %v, trouble %v, want version 3 and none", st.Pin, st.Err)
	}
}

// A raised epoch drops the floor and the catalog.
func TestUpdateAfterARaisedEpoch(t *testing.T) {
	s := sitetest.New(t)
	s.Publish(sitetest.Release("a", "1.0.0"))
	s.Publish(sitetest.Release("evil", "1.0.0"))
	c := setOf(t, s)
	update(t, c)
	s.Head, s.Lines = nil, map[string]index.Line{}
	s.Trust(func(d *trust.Document) { d.Epoch = 2 })
	s.Publish(sitetest.Release("a", "1.0.1"))
	if u := update(t, c); !u.First {
		t.Errorf("got %+v, want a first one", u)
	}
	if got := hits(t, c, ""); got != "a@1.0.1" {
		t.Errorf("got %s", got)
	}
}

func TestUpdateByKey(t *testing.T) {
	s := sitetest.New(t)
	s.Publish(sitetest.Release("a", "1.0.0"))
	c := newSet(t)
	if err := c.ConfigFile().Add(t.Context(), Config{Alias: "main", Sources: []string{s.URL}, Key: string(s.Key.Public().PEM())}); err != nil {
		t.Fatal(err)
	}
	update(t, c)
	for _, path := range s.Requests() {
		if strings.HasPrefix(path, "trust/") {
			t.Errorf("asked for %s, though a key was pinned", path)
		}
	}
	s.Change = func(h *index.Head) { h.Epoch = 2 }
	s.Publish()
	if _, err := tryUpdate(t, c); trust.CodeOf(err) != trust.TrustPin {
		t.Errorf("another epoch: got %v, want TRUST_PIN", err)
	}
}

func TestUpdateWrongPin(t *testing.T) {
	s := sitetest.New(t)
	s.Publish(sitetest.Release("a", "1.0.0"))
	c := newSet(t)
	pin := trust.Pin{Version: 1, Digest: index.DigestOf([]byte("other"))}
	if err := c.ConfigFile().Add(t.Context(), Config{Alias: "main", Sources: []string{s.URL}, Pin: &pin}); err != nil {
		t.Fatal(err)
	}
	if _, err := tryUpdate(t, c); trust.CodeOf(err) != trust.TrustPin {
		t.Errorf("got %v, want TRUST_PIN", err)
	}
}

func TestUpdateGrace(t *testing.T) {
	s := sitetest.New(t)
	s.Publish(sitetest.Release("a", "1.0.0"))
	c := newSet(t)
	c.Now = func() time.Time { return t0.Add(20 * day) }
	if err := c.ConfigFile().Add(t.Context(), Config{Alias: "main", Sources: []string{s.URL}, Pin: &s.Pin, Grace: "90d"}); err != nil {
		t.Fatal(err)
	}
	update(t, c)
	c.Now = func() time.Time { return t0.Add(45 * day) } // the trust document allows 30 after 14
	if _, err := tryUpdate(t, c); trust.CodeOf(err) != trust.Frozen {
		t.Errorf("got %v, want FROZEN", err)
	}
}

func TestUpdateMendsTheCatalog(t *testing.T) {
	for name, damage := range map[string]func(t *testing.T, dir string){
		"pointer": func(t *testing.T, dir string) { sharedtest.Write(t, filepath.Join(dir, "CURRENT"), "gen-x\n") },
		"state": func(t *testing.T, dir string) {
			sharedtest.Overwrite(t, filepath.Join(dir, "gen-*", "state.json"), "{")
		},
		"seal": func(t *testing.T, dir string) { sharedtest.Overwrite(t, filepath.Join(dir, "gen-*", "seal.json"), "") },
		"segment": func(t *testing.T, dir string) {
			sharedtest.Overwrite(t, filepath.Join(dir, "gen-*", "index", "store", "*.zap"), "x")
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := sitetest.New(t)
			s.Publish(sitetest.Release("a", "1.0.0"))
			c := setOf(t, s)
			update(t, c)
			damage(t, c.Home.Repository("main"))
			update(t, c)
			if got := hits(t, c, ""); got != "a@1.0.0" {
				t.Errorf("got %q", got)
			}
		})
	}
}

func TestUpdateOffline(t *testing.T) {
	s := sitetest.New(t)
	c := setOf(t, s)
	c.Offline = true
	if _, err := tryUpdate(t, c); !errors.Is(err, ErrOffline) {
		t.Errorf("got %v, want ErrOffline", err)
	}
}

// One repository that cannot be had does not keep another from being updated.
func TestUpdateSeveral(t *testing.T) {
	bad, good := sitetest.New(t), sitetest.New(t)
	good.Publish(sitetest.Release("a", "1.0.0"))
	c := setOf(t, bad)
	if err := c.ConfigFile().Add(t.Context(), Config{Alias: "good", Sources: []string{good.URL}, Pin: &good.Pin}); err != nil {
		t.Fatal(err)
	}
	if _, err := tryUpdate(t, c); trust.CodeOf(err) != trust.Missing {
		t.Errorf("got %v, want MISSING of the first", err)
	}
	if got := hits(t, c, ""); got != "a@1.0.0" {
		t.Errorf("got %q", got)
	}
}

// A crash between floor and catalog leaves a floor that is ahead: the same head
// is taken again, an older one is not.
func TestUpdateWithTheFloorAhead(t *testing.T) {
	s := sitetest.New(t)
	s.Publish(sitetest.Release("a", "1.0.0"))
	behind, ahead := setOf(t, s), setOf(t, s)
	update(t, behind)
	old := s.Copy()
	s.Publish(sitetest.Release("b", "1.0.0"))
	update(t, ahead)
	floor, err := os.ReadFile(floorPath(ahead.Home, "main"))
	must(t, err)
	sharedtest.Write(t, floorPath(behind.Home, "main"), string(floor))
	head := s.Get(index.HeadPath)
	s.Put(index.HeadPath, old.Get(index.HeadPath))
	if _, err := tryUpdate(t, behind); trust.CodeOf(err) != trust.Rollback {
		t.Errorf("the head before: got %v, want ROLLBACK", err)
	}
	s.Put(index.HeadPath, head)
	update(t, behind)
	if got, want := hits(t, behind, ""), "a@1.0.0 b@1.0.0"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// A stored trust document that is damaged is no reason to forget what it said.
func TestUpdateWithADamagedTrustDocument(t *testing.T) {
	s := sitetest.New(t)
	s.Trust(nil)
	s.Publish(sitetest.Release("a", "1.0.0"))
	c := setOf(t, s)
	update(t, c)
	path := trustPath(c.Home, "main", 2)
	sharedtest.Write(t, path, "{")
	if _, err := tryUpdate(t, c); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("got %v, want an error that names %s", err, path)
	}
	must(t, os.Remove(path))
	update(t, c)
}

// Two sources that are both behind are a rollback; one that is behind is none.
// A source that is behind is passed over with a notice; when that lasts a week, with a
// warning that names dates. When all are, the error names them.
func TestBehindForAWeek(t *testing.T) {
	for _, later := range []time.Duration{6 * day, 8 * day} {
		s := sitetest.New(t)
		s.Publish(sitetest.Release("a", "1.0.0"))
		old := s.Copy()
		first := s.Now.UTC().Format(time.RFC3339)
		s.Now = s.Now.Add(later)
		s.Publish(sitetest.Release("b", "1.0.0"))
		c := newSet(t)
		c.Now = func() time.Time { return s.Now }
		var heard []Notice
		c.Notice = func(n Notice) { heard = append(heard, n) }
		must(t, c.ConfigFile().Add(t.Context(), Config{Alias: "main", Sources: []string{old.URL, s.URL}, Pin: &s.Pin}))
		update(t, c) // nothing older was seen yet: the first source will do
		old.Misbehave(answering(index.HeadPath, http.NotFound))
		update(t, c)
		old.Misbehave(nil)
		heard = nil
		update(t, c)
		second := s.Now.UTC().Format(time.RFC3339)
		if len(heard) != 1 || heard[0].Warning != (later > 7*day) || !strings.Contains(heard[0].Text, first) || !strings.Contains(heard[0].Text, second) {
			t.Errorf("%s behind: heard %v", later, heard)
		}
		s.Misbehave(answering(index.HeadPath, func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write(old.Get(index.HeadPath)) //nolint:errcheck // the client is told otherwise
		}))
		if _, err := tryUpdate(t, c); trust.CodeOf(err) != trust.Rollback || !strings.Contains(err.Error(), first) || !strings.Contains(err.Error(), second) {
			t.Errorf("all behind: %v", err)
		}
	}
}

func TestUpdateBehindEverywhere(t *testing.T) {
	s := sitetest.New(t)
	s.Publish(sitetest.Release("a", "1.0.0"))
	old := s.Copy()
	s.Publish(sitetest.Release("b", "1.0.0"))
	c := setOf(t, s, old)
	update(t, c)
	fresh := s.Get(index.HeadPath)
	s.Put(index.HeadPath, old.Get(index.HeadPath))
	if _, err := tryUpdate(t, c); trust.CodeOf(err) != trust.Rollback {
		t.Errorf("got %v, want ROLLBACK", err)
	}
	old.Put(index.HeadPath, fresh)
	update(t, c)
}
