package client

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/kube"
)

// Question is something that only the user can decide.
type Question struct {
	Facts []string // what the decision is about, a line each
	Ask   string   // the question itself
}

// Consent is the user's yes to a hook: of this Kube, with exactly these files,
// from there.
type Consent struct {
	Kube       string       `yaml:"kube" json:"kube"`
	Digest     index.Digest `yaml:"digest" json:"digest"`                             // of the hook, see hook.DigestOf
	Root       index.Digest `yaml:"root,omitempty" json:"root,omitempty"`             // of the repository; "" where nobody vouches
	Repository string       `yaml:"repository,omitempty" json:"repository,omitempty"` // as it was called then
	Signer     string       `yaml:"signer,omitempty" json:"signer,omitempty"`
	Given      time.Time    `yaml:"given" json:"given"`
}

func (a Consent) covers(b Consent) bool {
	return a.Kube == b.Kube && a.Digest == b.Digest && a.Root == b.Root
}

func (a Consent) check() error {
	if err := kube.ValidName(a.Kube); err != nil {
		return err
	}
	if !a.Digest.Valid() {
		return fmt.Errorf("%q is no digest", a.Digest)
	}
	if a.Root != "" && !a.Root.Valid() {
		return fmt.Errorf("%q is no digest of a repository's root", a.Root)
	}
	return nil
}

// consent is what a user who agrees to the hook of a digest agrees to.
func (f *Fetched) consent(digest index.Digest) (Consent, error) {
	given := Consent{Kube: f.ID.Name, Digest: digest, Given: f.client.Now().UTC().Truncate(time.Second)}
	rel := f.taken.Release
	if rel == nil {
		return given, nil
	}
	floor, err := f.client.readFloor(rel.Repository)
	if err != nil {
		return Consent{}, err
	}
	if floor == nil {
		return Consent{}, &NotUpdatedError{rel.Repository.Alias}
	}
	given.Root, given.Repository, given.Signer = floor.Root, rel.Repository.Alias, rel.Signer
	return given, nil
}

// Agree notes that the user agreed to a hook.
func (c *Client) Agree(ctx context.Context, to Consent) error {
	return c.editConfig(ctx, func(cfg *config) error {
		cfg.Hooks = nil // each is asked about anew, as the doctor says
		if !slices.ContainsFunc(cfg.Consents, to.covers) {
			cfg.Consents = append(cfg.Consents, to)
		}
		return nil
	})
}

// asking is the question for consent, nil if the user gave it before, and what they
// would agree to.
func (f *Fetched) asking(digest index.Digest) (*Question, Consent, error) {
	cfg, err := f.client.readConfig()
	if err != nil {
		return nil, Consent{}, err
	}
	wanted, err := f.consent(digest)
	if err != nil || slices.ContainsFunc(cfg.Consents, wanted.covers) {
		return nil, wanted, err
	}
	q := &Question{
		Facts: []string{fmt.Sprintf("%s runs a script on this machine before it is installed: %s (with all files of the Kube, which it can read, sha256:%s), %s",
			f.ID.Name, kube.HookPath, digest, f.taken.publisher())},
		Ask: "Run it, now and from now on?",
	}
	script, _ := f.taken.Kube.Hook()
	switch {
	case slices.ContainsFunc(cfg.Consents, func(c Consent) bool { return c.Kube == wanted.Kube && c.Root == wanted.Root }):
		q.Facts = append(q.Facts, fmt.Sprintf("you agreed to the hook of another %s, whose files differ", f.ID.Name))
	case slices.Contains(cfg.Hooks, index.DigestOf(script.Data)):
		q.Facts = append(q.Facts, "you agreed to this script before, but not to the files that it can load: what an older kpm remembers counts no more")
	}
	return q, wanted, nil
}

// Consents lists the hooks that the user agreed to, in the order in which that
// was. outdated is how many an older kpm remembers: these count no more.
func (c *Client) Consents() (given []Consent, outdated int, err error) {
	cfg, err := c.readConfig()
	return cfg.Consents, len(cfg.Hooks), err
}

// consentsOf lists the hooks of a repository that the user agreed to.
func (c *Client) consentsOf(r Repository) ([]Consent, error) {
	root := c.knownRoot(r)
	given, _, err := c.Consents()
	return slices.DeleteFunc(given, func(g Consent) bool { return root == "" || g.Root != root }), err
}

// minDigits are the digits of a digest that say which one is meant.
const minDigits = 12

// Revoke forgets what the user agreed to: all hooks of a Kube, or the one whose
// digest begins with so many digits after sha256:, at least 12. It gives what is
// forgotten, or a *NotFoundError.
func (c *Client) Revoke(ctx context.Context, what string) ([]Consent, error) {
	digits, byDigest := strings.CutPrefix(what, "sha256:")
	if byDigest && len(digits) < minDigits {
		return nil, usage("revoking %q: give at least %d digits of the digest", what, minDigits)
	}
	var gone []Consent
	err := c.editConfig(ctx, func(cfg *config) error {
		var names []string
		cfg.Consents = slices.DeleteFunc(cfg.Consents, func(given Consent) bool {
			names = append(names, given.Kube)
			if byDigest && !strings.HasPrefix(string(given.Digest), digits) || !byDigest && given.Kube != what {
				return false
			}
			gone = append(gone, given)
			return true
		})
		if len(gone) == 0 {
			slices.Sort(names)
			return &NotFoundError{What: fmt.Sprintf("hook %q that you agreed to", what), Have: slices.Compact(names)}
		}
		return nil
	})
	return gone, err
}

// forgetConsents drops what the user agreed to of a repository that goes, unless
// another alias stands for the same.
//
// Floors that are damaged name no root. They are a reason to remove a repository,
// so that is no error: what was agreed to then stays until it is revoked.
func (c *Client) forgetConsents(cfg *config, gone Repository) {
	root := c.knownRoot(gone)
	for _, r := range cfg.Repositories {
		if r.Alias != gone.Alias && c.knownRoot(r) == root {
			return
		}
	}
	cfg.Consents = slices.DeleteFunc(cfg.Consents, func(given Consent) bool { return root != "" && given.Root == root })
}

// knownRoot is the root of a repository; "" where none is known.
func (c *Client) knownRoot(r Repository) index.Digest {
	floor, err := c.readFloor(r)
	if err != nil || floor == nil {
		return ""
	}
	return floor.Root
}

// agreed are the doctor's findings about hooks.
func (c *Client) agreed() []Finding {
	given, outdated, err := c.Consents()
	if err != nil {
		return []Finding{{"hooks", false, err.Error()}}
	}
	var list []Finding
	for _, g := range given {
		list = append(list, Finding{"hook of " + g.Kube, true, g.String()})
	}
	if outdated > 0 {
		list = append(list, Finding{"hooks", true, fmt.Sprintf("an older kpm remembers %d scripts that you agreed to; they are asked about again", outdated)})
	}
	return list
}

// String says what was agreed to, without the name of the Kube.
func (a Consent) String() string {
	from := "nobody vouches for it"
	if a.Root != "" {
		from = fmt.Sprintf("repository %s, signed by %s", a.Repository, a.Signer)
	}
	return fmt.Sprintf("may run, since %s: sha256:%s, %s", a.Given.Format(time.DateOnly), a.Digest[:minDigits], from)
}
