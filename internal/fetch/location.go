package fetch

import (
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"net/url"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/kpm-sh/kpm/internal/errcode"
)

// parseLocation reads the URL of a source. Its errors repeat no URL that may
// hold a password.
func parseLocation(raw string) (*url.URL, error) {
	u, err := url.Parse(raw)
	if err != nil {
		return nil, errors.New("reading the URL of a source: not a URL")
	}
	if u.User != nil {
		return nil, errcode.New(errcode.UserInURL, "reading the URL of a source: it holds a user name")
	}
	if err := checkLocation(u); err != nil {
		return nil, fmt.Errorf("reading the URL of a source: %s: %w", printed(u), err)
	}
	return u, nil
}

func checkLocation(u *url.URL) error {
	switch {
	case u.RawQuery != "" || u.ForceQuery:
		return errors.New("it has a query (?…)")
	case u.Fragment != "":
		return errors.New("it has a fragment (#…)")
	case u.Opaque != "":
		return errors.New("no // after the scheme")
	}
	switch u.Scheme {
	case "https", "http":
		if u.Hostname() == "" {
			return errors.New("it has no host")
		}
	case "file":
		if u.Host != "" {
			return fmt.Errorf("%q is a host; a file URL has three slashes: file:///path", u.Host)
		}
		if !strings.HasPrefix(u.Path, "/") {
			return errors.New("its path is not absolute")
		}
	default:
		return errors.New("its scheme is none of https, http, file")
	}
	return nil
}

// printed is u as people may see it: without query, fragment and credentials.
func printed(u *url.URL) string {
	p := url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path, RawPath: u.RawPath}
	return p.String()
}

// join is the URL of a file of the source at base.
func join(base *url.URL, path string) *url.URL {
	u := *base
	rest := url.URL{Path: path}
	u.RawPath = strings.TrimRight(base.EscapedPath(), "/") + "/" + rest.EscapedPath()
	u.Path = strings.TrimRight(base.Path, "/") + "/" + path
	return &u
}

// checkPath refuses a path that is not below a source's root.
func checkPath(path string) error {
	if path == "." || !fs.ValidPath(path) {
		return fmt.Errorf("fetching %q: not a path below the root of a source", path)
	}
	return nil
}

// directory is the directory that a file URL names.
func directory(u *url.URL) string {
	path := u.Path
	if runtime.GOOS == "windows" {
		path = strings.TrimPrefix(path, "/") // file:///C:/site
	}
	return filepath.FromSlash(path)
}

// origin is what a credential belongs to: scheme, host and port.
func origin(u *url.URL) string {
	port := u.Port()
	switch {
	case port != "":
	case u.Scheme == "https":
		port = "443"
	case u.Scheme == "http":
		port = "80"
	}
	return strings.ToLower(u.Scheme + "://" + u.Hostname() + ":" + port)
}

// confidential reports whether nobody on the way to u can read along: it is
// encrypted, or stays on this machine.
func confidential(u *url.URL) bool {
	if u.Scheme == "https" {
		return true
	}
	addr, err := netip.ParseAddr(u.Hostname())
	return err == nil && addr.IsLoopback() || strings.EqualFold(u.Hostname(), "localhost")
}
