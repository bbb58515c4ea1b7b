package repos

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"

	"go.yaml.in/yaml/v3"

	"github.com/kpm-sh/kpm/internal/atomicfile"
	"github.com/kpm-sh/kpm/internal/errcode"
	"github.com/kpm-sh/kpm/internal/home"
	"github.com/kpm-sh/kpm/internal/images"
	"github.com/kpm-sh/kpm/internal/index"
)

// ConfigFile is the file of a home that says what its user configured: repositories,
// and hooks agreed to.
type ConfigFile struct{ home home.Home }

// settings is what the file holds.
type settings struct {
	Repositories []Config       `yaml:"repositories"`
	Consents     []Consent      `yaml:"consents,omitempty"`
	Hooks        []index.Digest `yaml:"hooks,omitempty"` // scripts, as kpm remembered them once; they count no more
}

// read reads the configuration; without a file it is empty.
func (f ConfigFile) read() (settings, error) {
	if err := f.home.Check(); err != nil {
		return settings{}, err
	}
	data, err := os.ReadFile(f.home.Config())
	if errors.Is(err, fs.ErrNotExist) {
		return settings{}, nil
	}
	if err != nil {
		return settings{}, fmt.Errorf("reading the configuration: %w", err)
	}
	cfg, err := parseConfig(data)
	if err != nil {
		return settings{}, fmt.Errorf("reading %s: %w", f.home.Config(), err)
	}
	return cfg, nil
}

// parseConfig refuses keys that it does not know: they are of a newer kpm, and
// would be lost with the next change.
func parseConfig(data []byte) (settings, error) {
	var cfg settings
	dec := yaml.NewDecoder(bytes.NewReader(data))
	dec.KnownFields(true)
	if err := dec.Decode(&cfg); err != nil && !errors.Is(err, io.EOF) {
		return settings{}, err
	}
	seen := map[string]bool{}
	for _, r := range cfg.Repositories {
		if err := r.check(); err != nil {
			return settings{}, fmt.Errorf("repository %q: %w", r.Alias, err)
		}
		if seen[r.Alias] {
			return settings{}, fmt.Errorf("repository %q is there twice", r.Alias)
		}
		seen[r.Alias] = true
	}
	for _, given := range cfg.Consents {
		if err := given.check(); err != nil {
			return settings{}, fmt.Errorf("consent to the hook of %q: %w", given.Kube, err)
		}
	}
	for _, d := range cfg.Hooks {
		if !d.Valid() {
			return settings{}, fmt.Errorf("hook %q is not the digest of a script", d)
		}
	}
	return cfg, nil
}

// edit changes the configuration while nobody else does.
func (f ConfigFile) edit(ctx context.Context, edit func(*settings) error) error {
	unlock, err := f.home.Lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	cfg, err := f.read()
	if err != nil {
		return err
	}
	if err := edit(&cfg); err != nil {
		return err
	}
	data, err := yaml.Marshal(cfg)
	if err != nil {
		return fmt.Errorf("writing the configuration: %w", err)
	}
	return atomicfile.Write(f.home.Config(), data, 0o600)
}

// Add adds a repository. Nothing is fetched: the first update does that.
func (f ConfigFile) Add(ctx context.Context, c Config) error {
	if err := c.check(); err != nil {
		return usage("adding repository %q: %w", c.Alias, err)
	}
	return f.edit(ctx, func(cfg *settings) error {
		if slices.ContainsFunc(cfg.Repositories, func(o Config) bool { return o.Alias == c.Alias }) {
			return errcode.With(errcode.AliasTaken, errcode.Facts{"name": c.Alias}, usage("adding repository %q: there is one of that name", c.Alias))
		}
		cfg.Repositories = append(cfg.Repositories, c)
		return nil
	})
}

// SetImages says where the images of a repository's Kubes come from, as REGISTRY/PREFIX;
// "" is where their manifests say. With a platform its manifests are named instead of
// indexes.
func (f ConfigFile) SetImages(ctx context.Context, alias, mirror, platform string) error {
	if err := images.CheckMirror(mirror, platform); err != nil {
		return usage("%w", err)
	}
	return f.edit(ctx, func(cfg *settings) error {
		i := slices.IndexFunc(cfg.Repositories, func(c Config) bool { return c.Alias == alias })
		if i < 0 {
			return noRepository(alias, cfg.Repositories)
		}
		cfg.Repositories[i].Images, cfg.Repositories[i].ImagesPlatform = mirror, platform
		return nil
	})
}

// Remove forgets a repository, its trust documents, its floors, and what the user
// agreed to of its hooks. Working copies and archives stay.
func (f ConfigFile) Remove(ctx context.Context, alias string) error {
	return f.edit(ctx, func(cfg *settings) error {
		i := slices.IndexFunc(cfg.Repositories, func(c Config) bool { return c.Alias == alias })
		if i < 0 {
			return noRepository(alias, cfg.Repositories)
		}
		f.dropConsents(cfg, alias)
		if err := os.RemoveAll(f.home.Repository(alias)); err != nil {
			return fmt.Errorf("removing repository %s: %w", alias, err)
		}
		cfg.Repositories = slices.Delete(cfg.Repositories, i, i+1)
		return nil
	})
}

// Repositories lists the configured repositories in the order in which they were
// added.
func (f ConfigFile) Repositories() ([]Config, error) {
	cfg, err := f.read()
	return cfg.Repositories, err
}

// configs gives all repositories, or the one with that alias. None at all is an
// error.
func (f ConfigFile) configs(alias string) ([]Config, error) {
	all, err := f.Repositories()
	if err != nil {
		return nil, err
	}
	if alias == "" {
		if len(all) == 0 {
			return nil, ErrNoRepository
		}
		return all, nil
	}
	i := slices.IndexFunc(all, func(c Config) bool { return c.Alias == alias })
	if i < 0 {
		return nil, noRepository(alias, all)
	}
	return all[i : i+1], nil
}

func noRepository(alias string, all []Config) error {
	missing := &NotFoundError{What: fmt.Sprintf("repository %q", alias)}
	for _, c := range all {
		missing.Have = append(missing.Have, c.Alias)
	}
	if len(all) == 0 {
		missing.Err = ErrNoRepository
	}
	return missing
}
