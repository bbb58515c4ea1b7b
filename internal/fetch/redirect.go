package fetch

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
)

// maxRedirects is how often a source may send us elsewhere for one file.
const maxRedirects = 5

func isRedirect(resp *http.Response) bool {
	switch resp.StatusCode {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther,
		http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return resp.Header.Get("Location") != ""
	}
	return false
}

// target is where a redirect from u leads, if it is one to follow. The URLs
// seen so far are not.
func target(u *url.URL, location string, seen map[string]bool) (*url.URL, error) {
	to, err := u.Parse(location)
	if err != nil {
		return nil, errors.New("redirected to what is not a URL")
	}
	to.Fragment, to.RawFragment = "", ""
	switch {
	case to.User != nil:
		return nil, fmt.Errorf("redirected to %s with a user name in the URL", printed(to))
	case to.Scheme != "https" && to.Scheme != "http", to.Hostname() == "":
		return nil, fmt.Errorf("redirected to %s, which is not on a web server", printed(to))
	case u.Scheme == "https" && to.Scheme != "https":
		return nil, fmt.Errorf("redirected from https to %s", printed(to))
	case seen[to.String()]:
		return nil, fmt.Errorf("redirected in a loop, back to %s", printed(to))
	case len(seen) > maxRedirects:
		return nil, fmt.Errorf("redirected more than %d times", maxRedirects)
	}
	return to, nil
}
