package indexer

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/yamlnode"
)

// ConfigName is the file beside the packages folder that describes a
// repository. Flags win over it.
const ConfigName = "kpm-repository.yaml"

// Config is what ConfigName may say.
type Config struct {
	Name       string   `yaml:"name"`       // the signed name of the repository
	URL        string   `yaml:"url"`        // where the site is served, as users add it
	Source     string   `yaml:"source"`     // where the packages repository is developed, as a browser opens it
	ExpiresIn  Duration `yaml:"expiresIn"`  // life of a head, 14 days if it is missing
	Kubernetes []string `yaml:"kubernetes"` // server versions; a Kube that runs on none of them is warned about
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

var configKeys = []string{"name", "url", "source", "expiresIn", "kubernetes"}

// ParseConfig reads a kpm-repository.yaml; a key that it does not know is an
// error.
func ParseConfig(data []byte) (Config, error) {
	var c Config
	var root yaml.Node
	if err := yaml.Unmarshal(data, &root); err != nil {
		line, text := yamlnode.Fault(err)
		return Config{}, fmt.Errorf("reading %s: line %d: not YAML: %s", ConfigName, max(line, 1), text)
	}
	if err := knownKeys(&root); err != nil {
		return Config{}, fmt.Errorf("reading %s: %w", ConfigName, err)
	}
	if err := yaml.Unmarshal(data, &c); err != nil {
		return Config{}, fmt.Errorf("reading %s: %w", ConfigName, err)
	}
	for _, of := range []struct {
		key string
		err error
	}{{"name", validName(c.Name)}, {"url", CheckURL(c.URL)}, {"source", CheckURL(c.Source)}, {"kubernetes", validVersions(c.Kubernetes)}} {
		if of.err != nil {
			return Config{}, fmt.Errorf("reading %s: line %d: %s: %w", ConfigName, yamlnode.Line(data, of.key), of.key, of.err)
		}
	}
	return c, nil
}

func validName(name string) error {
	if name == "" {
		return nil
	}
	return kube.ValidName(name)
}

// CheckURL refuses an address of a site that no user could add; "" is none.
func CheckURL(text string) error {
	u, err := url.Parse(text)
	switch {
	case text == "":
		return nil
	case err != nil:
		return err
	case (u.Scheme != "https" && u.Scheme != "http") || u.Host == "":
		return fmt.Errorf("%q is no address such as https://packages.example.org/", text)
	case u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return fmt.Errorf("%q has more than a host and a path", text)
	}
	return nil
}

func validVersions(versions []string) error {
	for _, v := range versions {
		if _, err := (kube.Range{}).AdmitsServer(v); err != nil {
			return fmt.Errorf("%q is no version of Kubernetes such as 1.36", v)
		}
	}
	return nil
}

// knownKeys refuses a key that is not ours, and a value of another shape than its key has.
func knownKeys(root *yaml.Node) error {
	switch {
	case len(root.Content) == 0:
		return nil
	case root.Content[0].Kind != yaml.MappingNode:
		return fmt.Errorf("line %d: it is no mapping such as name: acme", root.Content[0].Line)
	}
	pairs := root.Content[0].Content
	seen := map[string]int{}
	for i := 0; i < len(pairs); i += 2 {
		if first := seen[pairs[i].Value]; first > 0 {
			return fmt.Errorf("line %d: key %q is there twice, first in line %d", pairs[i].Line, pairs[i].Value, first)
		}
		seen[pairs[i].Value] = pairs[i].Line
		if key := pairs[i]; !slices.Contains(configKeys, key.Value) {
			near, _ := kube.Nearest(key.Value, configKeys)
			return fmt.Errorf("line %d: unknown key %q; the nearest known key is %q", key.Line, key.Value, near)
		}
		if err := rightShape(pairs[i].Value, pairs[i+1]); err != nil {
			return fmt.Errorf("line %d: %s: %w", pairs[i+1].Line, pairs[i].Value, err)
		}
	}
	return nil
}

func rightShape(key string, value *yaml.Node) error {
	if value.Kind == yaml.AliasNode {
		value = value.Alias
	}
	if value.Tag == "!!null" {
		return nil
	}
	if key != "kubernetes" {
		if value.Kind != yaml.ScalarNode {
			return errors.New("it is one text")
		}
		return nil
	}
	if value.Kind != yaml.SequenceNode || slices.ContainsFunc(value.Content, func(n *yaml.Node) bool { return n.Kind != yaml.ScalarNode }) {
		return errors.New("it is a list of versions such as [1.35, 1.36]")
	}
	return nil
}
