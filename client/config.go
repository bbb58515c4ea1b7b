package client

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"go.yaml.in/yaml/v3"

	"github.com/kpm-sh/kpm/internal/atomicfile"
	"github.com/kpm-sh/kpm/internal/index"
)

// config is .config.yaml.
type config struct {
	Repositories []Repository   `yaml:"repositories"`
	Consents     []Consent      `yaml:"consents,omitempty"`
	Hooks        []index.Digest `yaml:"hooks,omitempty"` // scripts, as kpm remembered them once; they count no more
}

// readConfig reads the configuration; without a file it is empty.
func (c *Client) readConfig() (config, error) {
	if err := c.Home.Check(); err != nil {
		return config{}, err
	}
	data, err := os.ReadFile(c.Home.Config())
	if errors.Is(err, fs.ErrNotExist) {
		return config{}, nil
	}
	if err != nil {
		return config{}, fmt.Errorf("reading the configuration: %w", err)
	}
	cfg, err := parseConfig(data)
	if err != nil {
		return config{}, fmt.Errorf("reading %s: %w", c.Home.Config(), err)
	}
	return cfg, nil
}

// parseConfig refuses keys that it does not know: they are of a newer kpm, and
// would be lost with the next change.
func parseConfig(data []byte) (config, error) {
	var cfg config
	dec := yaml.NewDecoder(bytes.NewReader(data))
	dec.KnownFields(true)
	if err := dec.Decode(&cfg); err != nil && !errors.Is(err, io.EOF) {
		return config{}, err
	}
	seen := map[string]bool{}
	for _, r := range cfg.Repositories {
		if err := r.check(); err != nil {
			return config{}, fmt.Errorf("repository %q: %w", r.Alias, err)
		}
		if seen[r.Alias] {
			return config{}, fmt.Errorf("repository %q is there twice", r.Alias)
		}
		seen[r.Alias] = true
	}
	for _, given := range cfg.Consents {
		if err := given.check(); err != nil {
			return config{}, fmt.Errorf("consent to the hook of %q: %w", given.Kube, err)
		}
	}
	for _, d := range cfg.Hooks {
		if !d.Valid() {
			return config{}, fmt.Errorf("hook %q is not the digest of a script", d)
		}
	}
	return cfg, nil
}

// editConfig changes the configuration while nobody else does.
func (c *Client) editConfig(ctx context.Context, edit func(*config) error) error {
	unlock, err := c.Home.Lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	cfg, err := c.readConfig()
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
	return atomicfile.Write(c.Home.Config(), data, 0o600)
}
