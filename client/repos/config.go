package repos

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/kpm-sh/kpm/internal/fetch"
	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/trust"
	"github.com/kpm-sh/kpm/signing"
)

// Config is how a home uses a repository. What that is trusted by is one of Pin,
// Key, and Identity with Issuer.
type Config struct {
	Alias    string     `yaml:"alias"`
	Sources  []string   `yaml:"sources"` // URLs, asked in this order
	Pin      *trust.Pin `yaml:"trust,omitempty"`
	Key      string     `yaml:"key,omitempty"` // PEM
	Identity string     `yaml:"identity,omitempty"`
	Issuer   string     `yaml:"issuer,omitempty"`
	Images   string     `yaml:"images,omitempty"` // REGISTRY/PREFIX that images come from instead of where manifests say
	// ImagesPlatform is OS/ARCH, whose manifests are named there instead of indexes.
	ImagesPlatform string    `yaml:"imagesPlatform,omitempty"`
	Source         string    `yaml:"sourceRepository,omitempty"` // of the identity; may be ""
	TokenEnv       string    `yaml:"tokenEnv,omitempty"`         // name of a variable
	Added          time.Time `yaml:"added,omitempty"`
	Grace          string    `yaml:"grace,omitempty"` // see parseGrace

	Provenance string `yaml:"provenance,omitempty"` // the policy; "" is the usual one
}

// The policies of a repository for the provenance of its archives. Without one, it must
// be there and fit, and an archive or a folder that nobody vouches for is the user's own.
const (
	ignoreProvenance   = "ignore"            // nobody asks for it: the index alone vouches
	optionalProvenance = "verify-if-present" // what the index lists must be there and fit
	requireProvenance  = "require"           // an archive or a folder that nobody vouches for is refused, too
)

func (c Config) check() error {
	if err := kube.ValidName(c.Alias); err != nil {
		return err
	}
	if len(c.Sources) == 0 {
		return errors.New("it has no source")
	}
	for _, s := range c.Sources {
		if _, err := fetch.Open(s, fetch.Options{}); err != nil {
			return err
		}
	}
	if _, err := c.grace(); err != nil {
		return err
	}
	if err := c.checkTrust(); err != nil {
		return err
	}
	if !slices.Contains([]string{"", ignoreProvenance, optionalProvenance, requireProvenance}, c.Provenance) {
		return fmt.Errorf("provenance is %q, not one of %s, %s, %s", c.Provenance, ignoreProvenance, optionalProvenance, requireProvenance)
	}
	if c.Key != "" {
		if _, err := signing.ParsePublicKey([]byte(c.Key)); err != nil {
			return err
		}
	}
	return nil
}

// checkTrust refuses what says no one whom the repository is trusted by, or two.
func (c Config) checkTrust() error {
	ways := 0
	for _, given := range []bool{c.Pin != nil, c.Key != "", c.Identity != "" || c.Issuer != ""} {
		if given {
			ways++
		}
	}
	switch {
	case ways != 1:
		return errors.New("it must be trusted by one of a pin, a key, and an identity with its issuer")
	case (c.Identity == "") != (c.Issuer == ""):
		return errors.New("identity and issuer need each other")
	case c.Source != "" && c.Identity == "":
		return errors.New("a source repository is one of an identity")
	}
	return nil
}

// trustedBy says what the user gave to trust the repository by.
func (c Config) trustedBy() string {
	switch {
	case c.Pin != nil:
		return "trusted by the pin " + c.Pin.String()
	case c.Key != "":
		return "trusted by a key that was given when it was added"
	}
	return fmt.Sprintf("trusted by the identity %s of %s", c.Identity, c.Issuer)
}

func (c Config) grace() (time.Duration, error) {
	if c.Grace == "" {
		return 0, nil
	}
	return parseGrace(c.Grace)
}

func (c Config) equal(other Config) bool { return reflect.DeepEqual(c, other) }

const day = 24 * time.Hour

// parseGrace reads how long an expired head or trust document is still
// accepted: days (90d), or what time.ParseDuration reads.
func parseGrace(s string) (time.Duration, error) {
	d, err := time.ParseDuration(s)
	if digits, ok := strings.CutSuffix(s, "d"); ok {
		var n int
		n, err = strconv.Atoi(digits)
		d = time.Duration(n) * day
	}
	if err != nil || d < 0 || d > 3660*day {
		return 0, usage("grace %q: write a number of days, as in 90d", s)
	}
	return d, nil
}
