package client

import (
	"fmt"
	"slices"

	"github.com/kpm-sh/kpm/internal/cluster"
	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/kube"
)

// Outdated is an installation of which a newer release is out.
type Outdated struct {
	Namespace  string `json:"namespace"`
	Name       string `json:"name"`
	Installed  string `json:"installed"`
	Available  string `json:"available"`
	Repository string `json:"repository"` // alias
	Edited     bool   `json:"edited,omitempty"`
}

// Outdated lists the installations among there of which the catalog of the
// repository that they came from has a newer release. No other repository counts:
// a Kube of the same name elsewhere is another Kube. Nothing is fetched.
func (c *Client) Outdated(there []cluster.Listed) ([]Outdated, error) {
	shelves, err := c.shelves("")
	if err != nil {
		return nil, err
	}
	defer closeAll(shelves)
	signed, err := bySignedName(shelves)
	if err != nil {
		return nil, err
	}
	list := []Outdated{}
	var lost []string // repositories that were told already
	for _, l := range there {
		if l.Installed == nil || l.Installed.Repository == "" {
			continue
		}
		name := l.Installed.Repository
		if len(signed[name]) != 1 {
			if !slices.Contains(lost, name) {
				lost = append(lost, name)
				c.note(fmt.Sprintf("%s is from repository %q, which is configured here %d times; it is passed over, as all that is from there",
					l.Installation, name, len(signed[name])))
			}
			continue
		}
		o, err := newer(signed[name][0], l)
		if err != nil {
			return nil, err
		}
		if o != nil {
			list = append(list, *o)
		}
	}
	return list, nil
}

// newer is what the catalog has that is newer than an installation; nil when it
// has nothing such.
func newer(s shelf, l cluster.Listed) (*Outdated, error) {
	line, ok, err := s.Get(l.Installation.Name)
	if err != nil {
		return nil, fmt.Errorf("reading the catalog of %s: %w", s.repo.Alias, err)
	}
	if !ok || line.Gone != "" || line.Yanked != "" {
		return nil, nil // nothing that anybody should be given
	}
	had, err := kube.ParseVersion(l.Installed.Version)
	if err != nil {
		return nil, nil //nolint:nilerr // the record is forged
	}
	newest, err := kube.ParseVersion(line.Version)
	if err != nil || !newest.GreaterThan(had) {
		return nil, nil //nolint:nilerr // the index has none that we could install
	}
	return &Outdated{l.Installation.Namespace, l.Installation.Name, l.Installed.Version, line.Version, s.repo.Alias, l.Installed.Edited}, nil
}

// bySignedName gives the catalogs by the names that their repositories sign,
// which is what a record remembers.
func bySignedName(shelves []shelf) (map[string][]shelf, error) {
	signed := map[string][]shelf{}
	for _, s := range shelves {
		name, err := s.signedName()
		if err != nil {
			return nil, err
		}
		signed[name] = append(signed[name], s)
	}
	return signed, nil
}

// signedName is how the repository of a catalog calls itself.
func (s shelf) signedName() (string, error) {
	st, err := readState(s.State())
	if err != nil {
		return "", err
	}
	env, err := index.DecodeEnvelope(st.Head)
	if err != nil {
		return "", fmt.Errorf("reading the catalog of %s: %w", s.repo.Alias, err)
	}
	head, err := index.DecodeHead([]byte(env.Payload))
	if err != nil {
		return "", fmt.Errorf("reading the catalog of %s: %w", s.repo.Alias, err)
	}
	return head.Repository, nil
}
