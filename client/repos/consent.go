package repos

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/kube"
)

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

// Covers reports whether who agreed to this agreed to b, too.
func (a Consent) Covers(b Consent) bool {
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

// Consents lists the hooks that the user agreed to, in the order in which that
// was. outdated are the scripts that an older kpm remembers: these count no more.
func (f ConfigFile) Consents() (given []Consent, outdated []index.Digest, err error) {
	cfg, err := f.read()
	return cfg.Consents, cfg.Hooks, err
}

// Agree remembers that the user agreed to a hook.
func (f ConfigFile) Agree(ctx context.Context, given Consent) error {
	return f.edit(ctx, func(cfg *settings) error {
		cfg.Hooks = nil // each is asked about anew, as the doctor says
		if !slices.ContainsFunc(cfg.Consents, given.Covers) {
			cfg.Consents = append(cfg.Consents, given)
		}
		return nil
	})
}

// minDigits are the digits of a digest that say which one is meant.
const minDigits = 12

// Revoke forgets what the user agreed to: all hooks of a Kube, or the one whose
// digest begins with so many digits after sha256:, at least 12. It gives what is
// forgotten, or a *NotFoundError.
func (f ConfigFile) Revoke(ctx context.Context, what string) ([]Consent, error) {
	digits, byDigest := strings.CutPrefix(what, "sha256:")
	if byDigest && len(digits) < minDigits {
		return nil, usage("revoking %q: give at least %d digits of the digest", what, minDigits)
	}
	var gone []Consent
	err := f.edit(ctx, func(cfg *settings) error {
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

// dropConsents drops what the user agreed to of a repository that goes, unless
// another alias stands for the same.
//
// Floors that are damaged name no root. They are a reason to remove a repository,
// so that is no error: what was agreed to then stays until it is revoked.
func (f ConfigFile) dropConsents(cfg *settings, alias string) {
	root := knownRoot(f.home, alias)
	for _, c := range cfg.Repositories {
		if c.Alias != alias && knownRoot(f.home, c.Alias) == root {
			return
		}
	}
	cfg.Consents = slices.DeleteFunc(cfg.Consents, func(given Consent) bool { return root != "" && given.Root == root })
}

// String says what was agreed to, without the name of the Kube.
func (a Consent) String() string {
	from := "nobody vouches for it"
	if a.Root != "" {
		from = fmt.Sprintf("repository %s, signed by %s", a.Repository, a.Signer)
	}
	return fmt.Sprintf("may run, since %s: sha256:%s, %s", a.Given.Format(time.DateOnly), a.Digest[:minDigits], from)
}
