package fetch_test

import (
	"crypto/x509"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/kpm-sh/kpm/internal/fetch"
)

// open opens a source with no patience.
func open(t *testing.T, url string, change ...func(*fetch.Options)) *fetch.Source {
	t.Helper()
	opt := fetch.Options{Pause: time.Microsecond}
	for _, c := range change {
		c(&opt)
	}
	s, err := fetch.Open(url, opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// serve starts a web server that ends with the test.
func serve(t *testing.T, h http.HandlerFunc) *httptest.Server {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	return srv
}

// serveTLS is serve for https; trust makes a source accept its certificate.
func serveTLS(t *testing.T, h http.HandlerFunc) (srv *httptest.Server, trust func(*fetch.Options)) {
	t.Helper()
	srv = httptest.NewUnstartedServer(h)
	srv.EnableHTTP2 = true
	srv.StartTLS()
	t.Cleanup(srv.Close)
	roots := x509.NewCertPool()
	roots.AddCert(srv.Certificate())
	return srv, func(o *fetch.Options) { o.Roots = roots }
}

// say answers every request with body.
func say(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprint(w, body) }
}

func TestOpenRefuses(t *testing.T) {
	tests := map[string]struct{ url, says string }{
		"user":               {"https://bob:hunter2@example.com/", "holds a user name"},
		"user, no password":  {"https://hunter2@example.com/", "holds a user name"},
		"user, broken":       {"https://bob:hunter2%zz@example.com/", "not a URL"},
		"user, opaque":       {"https:bob:hunter2@example.com/", "no //"},
		"query":              {"https://example.com/?token=hunter2", "query"},
		"empty query":        {"https://example.com/?", "query"},
		"fragment":           {"https://example.com/#hunter2", "fragment"},
		"no host":            {"https:///path", "no host"},
		"only a port":        {"http://:80/path", "no host"},
		"scheme":             {"ftp://example.com/", "none of https, http, file"},
		"plain path":         {"/srv/site", "none of https, http, file"},
		"file host":          {"file://example.com/srv", "three slashes"},
		"file localhost":     {"file://localhost/srv", "three slashes"},
		"relative file":      {"file:srv", "no //"},
		"file without path":  {"file://", "not absolute"},
		"control characters": {"https://example.com/\x1b[2J", "not a URL"},
	}
	for name, tt := range tests {
		_, err := fetch.Open(tt.url, fetch.Options{})
		switch {
		case err == nil:
			t.Errorf("%s: no error", name)
		case !strings.Contains(err.Error(), tt.says):
			t.Errorf("%s: error %q does not say %q", name, err, tt.says)
		case strings.Contains(err.Error(), "hunter2"):
			t.Errorf("%s: error %q shows the secret", name, err)
		}
	}
}

func TestPathsStayBelowTheRoot(t *testing.T) {
	srv := serve(t, say("x"))
	for _, base := range []string{srv.URL, "file:///"} {
		s := open(t, base)
		for _, path := range []string{"", ".", "/etc/passwd", "../x", "a/../../x", "a//b", "a/"} {
			if _, err := s.Get(t.Context(), path, fetch.Get{Limit: 1}); err == nil {
				t.Errorf("%s: %q: no error", base, path)
			}
		}
		if n, _ := s.Stats(); n != 0 {
			t.Errorf("%s: %d requests were made", base, n)
		}
	}
}

func TestPathsAreEscaped(t *testing.T) {
	paths := []string{"kubes/etcd/etcd-1.0.0_a.tgz", "a b", "50%41", "what?is=this", "a#b", "ü"}
	s := open(t, serve(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = fmt.Fprint(w, r.URL.Path)
	}).URL+"/some%2Fbase/")
	for _, path := range paths {
		r, err := s.Get(t.Context(), path, fetch.Get{Limit: 100})
		if err != nil {
			t.Error(err)
		} else if got, want := string(r.Body), "/some/base/"+path; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
