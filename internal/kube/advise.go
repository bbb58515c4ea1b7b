package kube

import (
	"net/url"
	"strings"
)

// advise warns about what a reader of the index will miss.
func (m *Meta) advise(s *source) {
	for _, key := range []string{"home", "details", "maintainers"} {
		if s.lines[key] == 0 {
			s.warnf(0, "%s is missing", key)
		}
	}
	if m.Home != "" && !isHome(m.Home) {
		s.warnf(s.lines["home"], "home %q is not an http, https or mailto URL", m.Home)
	}
	for i, who := range m.Maintainers {
		if who != "" && !hasAddress(who) {
			s.warnf(s.lines[at("maintainers", i)], "maintainer %q: write NAME <MAIL or URL>", who)
		}
	}
}

func isHome(s string) bool {
	u, err := url.Parse(s)
	if err != nil {
		return false
	}
	if u.Scheme == "mailto" {
		return isMail(u.Opaque)
	}
	return isWeb(u)
}

func isWeb(u *url.URL) bool {
	return (u.Scheme == "http" || u.Scheme == "https") && u.Hostname() != "" && !strings.HasSuffix(u.Host, ":")
}

func isMail(s string) bool {
	user, host, ok := strings.Cut(s, "@")
	return ok && user != "" && host != "" && !strings.ContainsAny(s, " <>,") && !strings.Contains(host, "@")
}

// hasAddress reports whether a maintainer is of the form NAME <MAIL or URL>.
func hasAddress(who string) bool {
	name, rest, ok := strings.Cut(who, "<")
	address, end, closed := strings.Cut(rest, ">")
	if !ok || !closed || end != "" || strings.TrimSpace(name) == "" {
		return false
	}
	if isMail(address) {
		return true
	}
	u, err := url.Parse(address)
	return err == nil && isWeb(u)
}
