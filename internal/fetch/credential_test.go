package fetch_test

import (
	"bytes"
	"net/http"
	"strings"
	"testing"

	"github.com/kpm-sh/kpm/internal/fetch"
)

// sent is the Authorization header that c makes.
func sent(t *testing.T, c fetch.Credential) string {
	t.Helper()
	var got string
	s := open(t, serve(t, func(_ http.ResponseWriter, r *http.Request) { got = r.Header.Get("Authorization") }).URL,
		func(o *fetch.Options) { o.Credential = &c })
	if _, err := s.Get(t.Context(), "x", fetch.Get{}); err != nil {
		t.Fatal(err)
	}
	return got
}

func TestCredentialHeaders(t *testing.T) {
	basic, err := fetch.Basic("Aladdin", "open sesame")
	if err != nil {
		t.Fatal(err)
	}
	if got, want := sent(t, basic), "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="; got != want { // RFC 7617, section 2
		t.Errorf("got %q, want %q", got, want)
	}
	bearer, err := fetch.Bearer(" token\n")
	if err != nil {
		t.Fatal(err)
	}
	if got, want := sent(t, bearer), "Bearer token"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := sent(t, fetch.Credential{}); got != "" {
		t.Errorf("the zero Credential sends %q", got)
	}
}

func TestCredentialRefuses(t *testing.T) {
	for _, token := range []string{"", " \n", "two words", "line\nbreak", "ümlaut"} {
		if _, err := fetch.Bearer(token); err == nil {
			t.Errorf("Bearer(%q): no error", token)
		}
	}
	for _, user := range []string{"a:b", "a\x00"} {
		if _, err := fetch.Basic(user, "hunter2"); err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("Basic(%q): got %v, want an error without the password", user, err)
		}
	}
}

func TestNetrc(t *testing.T) {
	tests := map[string]struct {
		content  string
		user, pw string
	}{
		"one line":          {"machine kubes.example.com login bob password hunter2", "bob", "hunter2"},
		"several lines":     {"machine kubes.example.com\r\n\tlogin bob\r\n\tpassword hunter2\r\n", "bob", "hunter2"},
		"other order":       {"machine kubes.example.com password hunter2 login bob", "bob", "hunter2"},
		"account":           {"machine kubes.example.com login bob account login password hunter2", "bob", "hunter2"},
		"other case":        {"machine Kubes.Example.COM login bob password hunter2", "bob", "hunter2"},
		"no login":          {"machine kubes.example.com password hunter2", "", "hunter2"},
		"second machine":    {"machine a login x password y\nmachine kubes.example.com login bob password hunter2\nmachine b password z", "bob", "hunter2"},
		"first of two":      {"machine kubes.example.com login bob password hunter2\nmachine kubes.example.com login x password y", "bob", "hunter2"},
		"first without":     {"machine kubes.example.com login x\nmachine kubes.example.com login bob password hunter2", "bob", "hunter2"},
		"quoted":            {`machine kubes.example.com login "bob b" password "hun\"t\\er 2"`, "bob b", `hun"t\er 2`},
		"comments":          {"# machine kubes.example.com login x password y\n  # more\nmachine kubes.example.com login bob password #hunter2", "bob", "#hunter2"},
		"macro":             {"machine a\nmacdef init\nmachine kubes.example.com login x password y\n\nmachine kubes.example.com login bob password hunter2", "bob", "hunter2"},
		"a word as a name":  {"machine machine password x machine kubes.example.com login password password login", "password", "login"},
		"default":           {"default login bob password hunter2", "", ""},
		"default after":     {"machine kubes.example.com login bob\ndefault password hunter2", "", ""},
		"no password":       {"machine kubes.example.com login bob", "", ""},
		"other host":        {"machine example.com login bob password hunter2", "", ""},
		"sub host":          {"machine a.kubes.example.com login bob password hunter2", "", ""},
		"password cut":      {"machine kubes.example.com login bob password", "", ""},
		"endless macro":     {"macdef x\nmachine kubes.example.com login bob password hunter2", "", ""},
		"quote never ends":  {`machine kubes.example.com login bob password "`, "", ""},
		"user with a colon": {"machine kubes.example.com login a:b password hunter2", "", ""},
		"empty":             {"", "", ""},
	}
	for name, tt := range tests {
		got, ok := fetch.Netrc([]byte(tt.content), "kubes.example.com")
		if tt.pw == "" {
			if ok || got != (fetch.Credential{}) {
				t.Errorf("%s: found one", name)
			}
			continue
		}
		want, err := fetch.Basic(tt.user, tt.pw)
		if err != nil {
			t.Fatal(err)
		}
		if !ok || got != want {
			t.Errorf("%s: got %q, want %q", name, sent(t, got), sent(t, want))
		}
	}
}

func FuzzNetrc(f *testing.F) {
	f.Add([]byte("machine a login b password c\ndefault password d"))
	f.Add([]byte("macdef m\nx\n\nmachine a\n# c\npassword \"q\\\"\""))
	f.Add([]byte("machine \"a\" password"))
	f.Fuzz(func(t *testing.T, data []byte) {
		c, ok := fetch.Netrc(data, "a")
		if ok != (c != fetch.Credential{}) {
			t.Errorf("found is %v, but the credential says otherwise", ok)
		}
		if ok && !bytes.ContainsAny(data, "aA") {
			t.Error("found the credential of another machine")
		}
		if _, ok := fetch.Netrc(data, ""); ok {
			t.Error("found a credential for no host")
		}
	})
}
