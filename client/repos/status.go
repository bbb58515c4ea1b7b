package repos

import (
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/kpm-sh/kpm/internal/trust"
)

// Status is what a home knows of a repository: whom it trusts there, and how
// fresh what it has is.
type Status struct {
	Config       Config
	Name         string     // as signed; "" before the first update
	Pin          *trust.Pin // of the newest trust document, to copy to another home; nil when trusted by a key
	TrustSince   time.Time  // when the home took the newest trust document, or the key
	Signers      []Signer
	TrustExpires time.Time // zero: never
	Epoch, Seq   int64     // of the newest head
	Issued       time.Time
	Expires      time.Time // when the head is no longer accepted, grace not counted
	Kubes        int64
	Consents     []Consent // to its hooks
	Err          error     // why it cannot be used as it stands; nil: it can
}

// expiresSoon is how long before its head or its trust document expires a repository is
// warned of.
const expiresSoon = 3 * day

// Signer is who may sign in a repository, and what.
type Signer struct {
	Name     string    `json:"name"`
	Identity string    `json:"identity"`
	Roles    []string  `json:"roles"`
	Since    time.Time `json:"since,omitzero"` // when the home took the first document that names the signer
}

// Status tells how the repository stands.
func (r *Repository) Status() Status {
	s := Status{Config: r.Config, Pin: r.Pin}
	doc, err := r.chain()
	if err != nil {
		s.Err = err
		if errors.Is(err, errNoTrust) {
			s.Err = notUpdated(r.Alias)
		}
		return s
	}
	s.Signers = signers(doc)
	s.TrustSince = r.Added
	for i := range s.Signers {
		s.Signers[i].Since = trustedSince(r, doc, s.Signers[i].Identity)
	}
	if s.Consents, err = r.consents(); err != nil {
		s.Err = err
		return s
	}
	s.Name = doc.Repository
	if doc.Version > 0 {
		s.Pin = &trust.Pin{Version: doc.Version, Digest: doc.Digest()}
		s.TrustExpires = doc.Expires.Time
		s.TrustSince = acceptedAt(r.opt.Home, r.Alias, doc.Version)
	}
	stored, err := r.stored()
	if err != nil {
		s.Err = err
		return s
	}
	if h := stored.head; h != nil {
		s.Name, s.Epoch, s.Seq, s.Kubes = h.Repository, h.Epoch, h.Seq, h.Kubes
		s.Issued, s.Expires = h.Issued.Time, h.Expires.Time
	}
	_, head, err := r.current()
	if head != nil {
		s.Expires = head.Deadline()
	}
	s.Err = err
	return s
}

// consents lists the hooks of the repository that the user agreed to.
func (r *Repository) consents() ([]Consent, error) {
	root := knownRoot(r.opt.Home, r.Alias)
	given, _, err := ConfigFile{r.opt.Home}.Consents()
	return slices.DeleteFunc(given, func(g Consent) bool { return root == "" || g.Root != root }), err
}

// trustedSince is when the home took the first of the documents, back from doc without a
// gap, that name the signer.
func trustedSince(r *Repository, doc *trust.Document, identity string) (since time.Time) {
	if doc.Version == 0 {
		return r.Added
	}
	for ; doc != nil && slices.ContainsFunc(signers(doc), func(s Signer) bool { return s.Identity == identity }); doc = doc.Before() {
		if at := acceptedAt(r.opt.Home, r.Alias, doc.Version); since.IsZero() || at.Before(since) {
			since = at
		}
	}
	return since
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
