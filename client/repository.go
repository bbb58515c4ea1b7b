package client

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/kpm-sh/kpm/internal/fetch"
	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/trust"
	"github.com/kpm-sh/kpm/signing"
)

// Repository is a published site that this home uses. What it is trusted by is
// one of Pin, Key, and Identity with Issuer.
type Repository struct {
	Alias    string     `yaml:"alias"`
	Sources  []string   `yaml:"sources"` // URLs, asked in this order
	Pin      *trust.Pin `yaml:"trust,omitempty"`
	Key      string     `yaml:"key,omitempty"` // PEM
	Identity string     `yaml:"identity,omitempty"`
	Issuer   string     `yaml:"issuer,omitempty"`
	TokenEnv string     `yaml:"tokenEnv,omitempty"` // name of a variable
	Grace    string     `yaml:"grace,omitempty"`    // see ParseGrace
}

func (r Repository) check() error {
	if err := kube.ValidName(r.Alias); err != nil {
		return err
	}
	if len(r.Sources) == 0 {
		return errors.New("it has no source")
	}
	for _, s := range r.Sources {
		if _, err := fetch.Open(s, fetch.Options{}); err != nil {
			return err
		}
	}
	if _, err := r.grace(); err != nil {
		return err
	}
	ways := 0
	for _, given := range []bool{r.Pin != nil, r.Key != "", r.Identity != "" || r.Issuer != ""} {
		if given {
			ways++
		}
	}
	switch {
	case ways != 1:
		return errors.New("it must be trusted by one of a pin, a key, and an identity with its issuer")
	case (r.Identity == "") != (r.Issuer == ""):
		return errors.New("identity and issuer need each other")
	}
	if r.Key != "" {
		if _, err := signing.ParsePublicKey([]byte(r.Key)); err != nil {
			return err
		}
	}
	return nil
}

func (r Repository) grace() (time.Duration, error) {
	if r.Grace == "" {
		return 0, nil
	}
	return ParseGrace(r.Grace)
}

// Add adds a repository. Nothing is fetched: the first update does that.
func (c *Client) Add(ctx context.Context, r Repository) error {
	if err := r.check(); err != nil {
		return usage("adding repository %q: %w", r.Alias, err)
	}
	return c.editConfig(ctx, func(cfg *config) error {
		if slices.ContainsFunc(cfg.Repositories, func(o Repository) bool { return o.Alias == r.Alias }) {
			return usage("adding repository %q: there is one of that name; `kpm repo remove %s` removes it", r.Alias, r.Alias)
		}
		cfg.Repositories = append(cfg.Repositories, r)
		return nil
	})
}

// Remove forgets a repository, its trust documents, its floors, and what the user
// agreed to of its hooks.
// Working copies and archives stay.
func (c *Client) Remove(ctx context.Context, alias string) error {
	return c.editConfig(ctx, func(cfg *config) error {
		i := slices.IndexFunc(cfg.Repositories, func(r Repository) bool { return r.Alias == alias })
		if i < 0 {
			return noRepository(alias, cfg.Repositories)
		}
		c.forgetConsents(cfg, cfg.Repositories[i])
		if err := os.RemoveAll(c.Home.Repository(alias)); err != nil {
			return fmt.Errorf("removing repository %s: %w", alias, err)
		}
		cfg.Repositories = slices.Delete(cfg.Repositories, i, i+1)
		return nil
	})
}

// Repositories lists the configured repositories in the order in which they
// were added.
func (c *Client) Repositories() ([]Repository, error) {
	cfg, err := c.readConfig()
	return cfg.Repositories, err
}

// repositories gives all repositories, or the one with that alias. None at all
// is an error.
func (c *Client) repositories(alias string) ([]Repository, error) {
	all, err := c.Repositories()
	if err != nil {
		return nil, err
	}
	if alias != "" {
		for _, r := range all {
			if r.Alias == alias {
				return []Repository{r}, nil
			}
		}
		return nil, noRepository(alias, all)
	}
	if len(all) == 0 {
		return nil, ErrNoRepository
	}
	return all, nil
}

func noRepository(alias string, all []Repository) error {
	missing := &NotFoundError{What: fmt.Sprintf("repository %q", alias), Have: aliases(all)}
	if len(all) == 0 {
		missing.Err = ErrNoRepository
	}
	return missing
}

func aliases(repos []Repository) []string {
	var names []string
	for _, r := range repos {
		names = append(names, r.Alias)
	}
	return names
}
