package client

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/sitetest"
	"github.com/kpm-sh/kpm/internal/trust"
)

// Further places of an archive, which the index names, are asked over https and
// in no other way: nobody between may learn what is fetched, and no address of the
// user's own network is asked in the clear.
func TestGetFromFurtherPlaces(t *testing.T) {
	var s *sitetest.Site
	asked := 0
	elsewhere := func(w http.ResponseWriter, _ *http.Request) {
		asked++
		_, _ = w.Write(s.Get("kept"))
	}
	plain := httptest.NewServer(http.HandlerFunc(elsewhere))
	t.Cleanup(plain.Close)
	safe := httptest.NewTLSServer(http.HandlerFunc(elsewhere))
	t.Cleanup(safe.Close)
	for name, c := range map[string]struct {
		url   string
		asked int
		code  trust.Code
	}{
		"https": {safe.URL, 1, ""},
		"http":  {plain.URL, 0, trust.Missing},
		"file":  {"file:///etc", 0, trust.Missing},
	} {
		t.Run(name, func(t *testing.T) {
			s = sitetest.New(t)
			e := sitetest.Release("a", "1.0.0")
			e.Change = func(r *index.Release) { r.URLs = []string{c.url + "/a.tgz"} }
			s.Publish(e)
			s.Put("kept", s.Get(index.ArchivePath("a", "1.0.0")))
			s.Remove(index.ArchivePath("a", "1.0.0"))
			client := clientOf(t, s)
			client.Fetch.Roots = safe.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
			update(t, client)
			asked = 0
			_, err := get(t, client, "a")
			if got := trust.CodeOf(err); got != c.code || (err == nil) != (c.code == "") {
				t.Errorf("got %v, want code %q", err, c.code)
			}
			if asked != c.asked {
				t.Errorf("it was asked %d times, want %d", asked, c.asked)
			}
		})
	}
}

// A working copy is never without an origin that describes it: the next one is
// there before the copy is.
func TestCopyAndItsOrigin(t *testing.T) {
	s := sitetest.New(t)
	s.Publish(sitetest.Release("a", "1.0.0"))
	c := clientOf(t, s)
	update(t, c)
	_, err := get(t, c, "a")
	must(t, err)
	s.Publish(sitetest.Release("a", "2.0.0"))
	update(t, c)
	rel, err := c.Resolve(t.Context(), Ref{Name: "a"}, false)
	must(t, err)
	co, err := c.Checkout(t.Context(), rel)
	must(t, err)
	// A folder that is not there stops the replacement where a kill would.
	if err := c.replaceCopy("a", t.TempDir()+"/none", originOf(co.Release, co.by, co.Kube)); err == nil {
		t.Fatal("a folder that is not there replaced the copy")
	}
	next, err := readOrigin(c.Home.NextOrigin("a"))
	if err != nil || next.Version != "2.0.0" {
		t.Errorf("the next origin is of %q, %v: it has to be there before the copy", next.Version, err)
	}
	if o, ok, err := c.Origin("a"); o.Version != "1.0.0" || !ok || err != nil {
		t.Errorf("the copy in place is of %s, %v, %v, want 1.0.0", o.Version, ok, err)
	}
}
