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
