package indexer

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"time"

	"go.yaml.in/yaml/v3"
)

// ConfigName is the file beside the packages folder that describes a
// repository. Flags win over it.
const ConfigName = "kpm-repository.yaml"

// Config is what ConfigName may say.
type Config struct {
	Name       string   `yaml:"name"`       // the signed name of the repository
	URL        string   `yaml:"url"`        // where the site will be served
	ExpiresIn  Duration `yaml:"expiresIn"`  // life of a head, 14 days if it is missing
	Kubernetes []string `yaml:"kubernetes"` // server versions that Kubes are tested on
}

// Duration is a time.Duration, written as time.ParseDuration reads it ("336h").
type Duration time.Duration

// UnmarshalYAML reads the text form.
func (d *Duration) UnmarshalYAML(n *yaml.Node) error {
	p, err := time.ParseDuration(n.Value)
	if err != nil {
		return fmt.Errorf("line %d: %q is not a duration such as 336h", n.Line, n.Value)
	}
	*d = Duration(p)
	return nil
}

// ParseConfig reads a kpm-repository.yaml; a key that it does not know is an
// error.
func ParseConfig(data []byte) (Config, error) {
	var c Config
	dec := yaml.NewDecoder(bytes.NewReader(data))
	dec.KnownFields(true)
	if err := dec.Decode(&c); err != nil && !errors.Is(err, io.EOF) {
		return Config{}, fmt.Errorf("reading %s: %w", ConfigName, err)
	}
	return c, nil
}
