package fetch

import (
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"strings"
)

// Credential is what a private repository wants to see. It does not print
// itself. The zero Credential is none.
type Credential struct {
	header string // value of Authorization
}

// basic is the credential of a user with a password. A user name with a colon
// or a control character cannot be sent.
func basic(user, password string) (Credential, error) {
	if strings.Contains(user, ":") || hasControl(user+password) {
		return Credential{}, errors.New("reading a credential: a user name or password that HTTP cannot carry")
	}
	return Credential{"Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+password))}, nil
}

// Bearer is the credential that consists of a token. White space around the
// token is dropped.
func Bearer(token string) (Credential, error) {
	token = strings.TrimSpace(token)
	if token == "" {
		return Credential{}, errors.New("reading a credential: the token is empty")
	}
	for i := range len(token) {
		if c := token[i]; c <= ' ' || c >= 0x7f {
			return Credential{}, errors.New("reading a credential: the token has characters that HTTP cannot carry")
		}
	}
	return Credential{"Bearer " + token}, nil
}

// authorize shows the credential to the source that it is for, at base, and to
// nobody else: no redirect elsewhere gets it, and no connection that others can read.
func (c *Credential) authorize(req *http.Request, base *url.URL) {
	if c != nil && c.header != "" && origin(req.URL) == origin(base) && confidential(req.URL) {
		req.Header.Set("Authorization", c.header)
	}
}

// String is a stand-in for what must not be printed.
func (Credential) String() string { return "[credential]" }

// GoString is a stand-in for what must not be printed.
func (Credential) GoString() string { return "[credential]" }

func hasControl(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f })
}
