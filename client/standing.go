package client

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/kpm-sh/kpm/internal/fetch"
	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/trust"
)

// Standing is what a home knows of a repository: whom it trusts there, and how
// fresh what it has is.
type Standing struct {
	Repository   Repository
	Name         string     // as signed; "" before the first update
	Pin          *trust.Pin // of the newest trust document, to copy to another home; nil when trusted by a key
	Signers      []Signer
	TrustExpires time.Time // zero: never
	Epoch, Seq   int64     // of the newest head
	Issued       time.Time
	Expires      time.Time // when the head is no longer accepted, grace not counted
	Kubes        int64
	Consents     []Consent // to its hooks
	Trouble      error     // why it cannot be used as it stands; nil: it can
}

// Signer is who may sign in a repository, and what.
type Signer struct {
	Name     string   `json:"name"`
	Identity string   `json:"identity"`
	Roles    []string `json:"roles"`
}

// Repository tells how the repository with that alias stands.
func (c *Client) Repository(alias string) (Standing, error) {
	repos, err := c.repositories(alias)
	if err != nil {
		return Standing{}, err
	}
	return c.standing(repos[0]), nil
}

// Standings tells how all repositories stand. There may be none.
func (c *Client) Standings() ([]Standing, error) {
	repos, err := c.Repositories()
	if err != nil {
		return nil, err
	}
	all := make([]Standing, len(repos))
	for i, r := range repos {
		all[i] = c.standing(r)
	}
	return all, nil
}

func (c *Client) standing(r Repository) Standing {
	s := Standing{Repository: r, Pin: r.Pin}
	doc, err := c.chain(r)
	if err != nil {
		s.Trouble = err
		if errors.Is(err, errNoTrust) {
			s.Trouble = &NotUpdatedError{r.Alias}
		}
		return s
	}
	s.Signers = signers(doc)
	if s.Consents, err = c.consentsOf(r); err != nil {
		s.Trouble = err
		return s
	}
	s.Name = doc.Repository
	if doc.Version > 0 {
		s.Pin = &trust.Pin{Version: doc.Version, Digest: doc.Digest()}
		s.TrustExpires = doc.Expires.Time
	}
	h, err := c.hold(r)
	if err != nil {
		s.Trouble = err
		return s
	}
	defer h.close()
	if h.head != nil {
		s.Name, s.Epoch, s.Seq, s.Kubes = h.head.Repository, h.head.Epoch, h.head.Seq, h.head.Kubes
		s.Issued, s.Expires = h.head.Issued.Time, h.head.Expires.Time
	}
	_, head, err := c.current(r)
	if head != nil {
		s.Expires = head.Deadline()
	}
	s.Trouble = err
	return s
}

// signers lists who holds roles, by name.
func signers(d *trust.Document) []Signer {
	var list []Signer
	for _, name := range slices.Sorted(maps.Keys(d.Signers)) {
		s := Signer{Name: name, Identity: d.Signers[name].Identity().String()}
		for _, role := range []trust.RoleName{trust.TrustRole, trust.IndexRole, trust.ProvenanceRole, trust.TestsRole} {
			if slices.Contains(d.Role(role).Signers, name) {
				s.Roles = append(s.Roles, string(role))
			}
		}
		list = append(list, s)
	}
	return list
}

// Discover fetches the first trust document of a repository that is not pinned
// yet, and the question whether to pin it: nothing but the user's own knowledge
// says that it is the right one.
func (c *Client) Discover(ctx context.Context, r Repository) (trust.Pin, *Question, error) {
	sources, err := c.sources(r)
	if err != nil {
		return trust.Pin{}, nil, err
	}
	defer closeSources(sources)
	src := sources[0]
	got, err := src.Get(ctx, index.TrustPath(1), fetch.Get{Limit: index.MaxTrust, AcceptGzip: true})
	if err != nil {
		return trust.Pin{}, nil, fileFault(fmt.Sprintf("trust document 1 of %s", src), err)
	}
	env, err := index.DecodeEnvelope(got.Body)
	if err != nil {
		return trust.Pin{}, nil, notOurs(src, index.TrustPath(1), err)
	}
	pin := trust.PinOf(1, env)
	doc, err := trust.Open(pin, env)
	if err != nil {
		return trust.Pin{}, nil, err
	}
	facts := []string{
		fmt.Sprintf("nothing says yet that %s is who you mean", src),
		fmt.Sprintf("it calls itself %s; its trust document is %s", doc.Repository, pin),
	}
	for _, s := range signers(doc) {
		facts = append(facts, fmt.Sprintf("signer %s (%s): %s", s.Name, strings.Join(s.Roles, ", "), s.Identity))
	}
	return pin, &Question{Facts: facts, Ask: "Compare it with what its owner publishes. Trust it from now on?"}, nil
}
