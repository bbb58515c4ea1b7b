package repos

import (
	"errors"
	"fmt"
	"net/url"

	"github.com/kpm-sh/kpm/internal/fetch"
)

// openSources opens the sources of a repository, in the order in which they are
// asked. A token belongs to the first one alone, the one that `repo add` was
// given; netrc knows by itself which host a password is for.
func openSources(o *Options, c Config) ([]*fetch.Source, error) {
	var open []*fetch.Source
	for i, raw := range c.Sources {
		opt := o.Fetch
		cred, err := credential(o, c, i, raw)
		if err != nil {
			return nil, err
		}
		opt.Credential = cred
		s, err := fetch.Open(raw, opt)
		if err != nil {
			return nil, fmt.Errorf("repository %s: %w", c.Alias, err)
		}
		open = append(open, s)
	}
	return open, nil
}

func credential(o *Options, c Config, i int, raw string) (*fetch.Credential, error) {
	if i == 0 && c.TokenEnv != "" {
		token := ""
		if o.Token != nil {
			token = o.Token(c.TokenEnv)
		}
		cred, err := fetch.Bearer(token)
		if err != nil {
			return nil, fmt.Errorf("repository %s: variable %s: %w", c.Alias, c.TokenEnv, err)
		}
		return &cred, nil
	}
	u, err := url.Parse(raw)
	if err != nil || u.Hostname() == "" {
		return nil, nil
	}
	if cred, ok := fetch.Netrc(o.Netrc, u.Hostname()); ok {
		return &cred, nil
	}
	return nil, nil
}

func closeSources(sources []*fetch.Source) {
	for _, s := range sources {
		s.Close()
	}
}

// absent reports whether an error says that a source lacks a file, or cannot be
// reached: then another source may have it.
func absent(err error) bool {
	return errors.Is(err, fetch.ErrNotFound) || errors.Is(err, fetch.ErrForbidden) || errors.Is(err, fetch.ErrUnreachable)
}
