package fetch_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/kpm-sh/kpm/internal/fetch"
)

// relay redirects to what the query or the path says, and otherwise answers
// with the Authorization that it got.
func relay(targets map[string]string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if to, ok := targets[r.URL.Path]; ok {
			w.Header().Set("Location", to)
			w.WriteHeader(http.StatusFound)
			return
		}
		_, _ = fmt.Fprintf(w, "got %q", r.Header.Get("Authorization"))
	}
}

func TestRedirects(t *testing.T) {
	token, err := fetch.Bearer("hunter2")
	if err != nil {
		t.Fatal(err)
	}
	targets := map[string]string{}
	plain := serve(t, relay(targets))
	other := serve(t, relay(nil))
	secure, trust := serveTLS(t, relay(targets))
	for path, to := range map[string]string{
		"relative":    "there",
		"same":        plain.URL + "/there",
		"same-secure": secure.URL + "/there?signature=hunter2",
		"other":       other.URL + "/there",
		"down":        plain.URL + "/there",
		"user":        strings.Replace(plain.URL, "//", "//bob:hunter2@", 1) + "/there",
		"file":        "file:///etc/passwd",
		"garbage":     "http://[",
		"host":        "http:///x",
		"self":        "/self#elsewhere",
		"loop":        "/loop2",
		"loop2":       "/loop",
		"1":           "/2?token=hunter2", "2": "/3", "3": "/4", "4": "/5", "5": "/6",
		"0": "/1",
	} {
		targets["/"+path] = to
	}
	tests := map[string]struct {
		base, path string
		want       string // body, or part of the error
		ok         bool
	}{
		"relative":           {plain.URL, "relative", `got "Bearer hunter2"`, true},
		"same origin":        {plain.URL, "same", `got "Bearer hunter2"`, true},
		"same origin, https": {secure.URL, "same-secure", `got "Bearer hunter2"`, true},
		"other port":         {plain.URL, "other", `got ""`, true},
		"other scheme":       {plain.URL, "same-secure", `got ""`, true},
		"five":               {plain.URL, "1", `got "Bearer hunter2"`, true},
		"six":                {plain.URL, "0", "more than 5 times", false},
		"https to http":      {secure.URL, "down", "redirected from https to http://", false},
		"user name":          {plain.URL, "user", "user name", false},
		"file":               {plain.URL, "file", "not on a web server", false},
		"no host":            {plain.URL, "host", "not on a web server", false},
		"not a URL":          {plain.URL, "garbage", "not a URL", false},
		"to itself":          {plain.URL, "self", "in a loop", false},
		"in a circle":        {plain.URL, "loop", "in a loop", false},
	}
	for name, tt := range tests {
		s := open(t, tt.base, trust, func(o *fetch.Options) { o.Credential = &token })
		r, err := s.Get(t.Context(), tt.path, fetch.Get{Limit: 1000})
		switch {
		case tt.ok && (err != nil || string(r.Body) != tt.want):
			t.Errorf("%s: got %q, %v, want %q", name, r.Body, err, tt.want)
		case !tt.ok && err == nil:
			t.Errorf("%s: no error", name)
		case !tt.ok && !strings.Contains(err.Error(), tt.want):
			t.Errorf("%s: error %q does not say %q", name, err, tt.want)
		case !tt.ok && strings.Contains(err.Error(), "hunter2"):
			t.Errorf("%s: error %q shows the secret", name, err)
		}
	}
}

// The origin of http://localhost is its host under that name, at port 80.
func TestCredentialStaysAtItsOrigin(t *testing.T) {
	token, err := fetch.Bearer("hunter2")
	if err != nil {
		t.Fatal(err)
	}
	targets := map[string]string{}
	srv := serve(t, relay(targets))
	tests := map[string]bool{
		"http://localhost/there":              true,
		"http://LOCALHOST:80/there":           true,
		"//localhost/there":                   true,
		"http://localhost:8080/there":         false,
		"http://127.0.0.1/there":              false,
		"http://sub.localhost/there":          false,
		"http://localhost.example.com/there":  false,
		"http://localhost@example.com/there":  false,
		"http://example.com/localhost:80/etc": false,
	}
	for to, want := range tests {
		targets["/x"] = to
		s := open(t, "http://localhost", func(o *fetch.Options) {
			o.Credential, o.Transport = &token, toward(srv.Listener.Addr().String())
		})
		r, err := s.Get(t.Context(), "x", fetch.Get{Limit: 1000})
		if got := strings.Contains(string(r.Body), "hunter2"); got != want {
			t.Errorf("%s: credential sent: got %v, want %v (%v)", to, got, want, err)
		}
	}
}

func TestMirrorURLIsPrintedWithoutQuery(t *testing.T) {
	var log strings.Builder
	away := serve(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotFound) })
	s := open(t, serve(t, relay(map[string]string{"/x": away.URL + "/y?token=hunter2"})).URL,
		func(o *fetch.Options) { o.Log = func(f string, args ...any) { fmt.Fprintf(&log, f+"\n", args...) } })
	_, err := s.Get(t.Context(), "x", fetch.Get{})
	if err == nil || !strings.Contains(err.Error(), away.URL+"/y:") {
		t.Errorf("error %q does not name the place that answered", err)
	}
	if text := fmt.Sprint(err) + log.String(); strings.Contains(text, "hunter2") {
		t.Errorf("shows the query:\n%s", text)
	}
}

func TestCredentialOverHTTP(t *testing.T) {
	basic, err := fetch.Basic("bob", "hunter2")
	if err != nil {
		t.Fatal(err)
	}
	srv := serve(t, relay(nil))
	var log strings.Builder
	// All hosts are the test server, as behind a proxy.
	s := open(t, "http://kubes.example.com", func(o *fetch.Options) {
		o.Credential = &basic
		o.Transport = toward(srv.Listener.Addr().String())
		o.Log = func(f string, args ...any) { fmt.Fprintf(&log, f+"\n", args...) }
	})
	r, err := s.Get(t.Context(), "x", fetch.Get{Limit: 1000})
	if err != nil || string(r.Body) != `got ""` {
		t.Errorf("got %q, %v, want no credential", r.Body, err)
	}
	if !strings.Contains(log.String(), "not sent") || strings.Contains(log.String(), "hunter2") {
		t.Errorf("log: got %q, want a note", log.String())
	}
	if got := fmt.Sprintf("%v %+v %#v", basic, &basic, basic); strings.Contains(got, "Ym9iO") {
		t.Errorf("the credential prints as %s", got)
	}
}
