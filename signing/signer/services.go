package signer

import (
	_ "embed"
	"errors"
	"fmt"
	"net"
	"net/url"
	"time"

	"github.com/sigstore/sigstore-go/pkg/root"
	"github.com/sigstore/sigstore-go/pkg/sign"
)

// MaxConfig is how many bytes a signing config may have.
const MaxConfig = 64 << 10

// publicGood is the signing config of the public Sigstore instance, with the log that it
// has as its default.
//
//go:embed public-good.json
var publicGood []byte

// services are those of one Sigstore instance that a signature needs.
type services struct {
	authority string         // of certificates
	logs      []root.Service // none where the instance has none
	stamps    []string       // of timestamp authorities
}

// readServices chooses services by a signing config in the version 0.2 of Sigstore, at
// the time now.
func readServices(config []byte, now time.Time) (s services, err error) {
	if len(config) > MaxConfig {
		return s, fmt.Errorf("reading signing config: %d bytes exceed %d", len(config), MaxConfig)
	}
	raw, err := root.NewSigningConfigProtobuf(config)
	if err != nil {
		return s, fmt.Errorf("reading signing config: %w", err)
	}
	c, err := root.NewSigningConfigFromProtobuf(raw)
	if err != nil {
		return s, fmt.Errorf("reading signing config: %w", err)
	}
	authority, err := root.SelectService(c.FulcioCertificateAuthorityURLs(), sign.FulcioAPIVersions, now)
	if err != nil {
		return s, fmt.Errorf("reading signing config: caUrls: %w", err)
	}
	if s.authority = authority.URL; !confidential(s.authority) {
		return s, fmt.Errorf("reading signing config: caUrls: %s is not https, and the identity token is a secret", s.authority)
	}
	if all := c.RekorLogURLs(); len(all) > 0 {
		if raw.GetRekorTlogConfig() == nil {
			return s, errors.New("reading signing config: rekorTlogConfig is not given")
		}
		if s.logs, err = root.SelectServices(all, c.RekorLogURLsConfig(), sign.RekorAPIVersions, now); err != nil {
			return s, fmt.Errorf("reading signing config: rekorTlogUrls: %w", err)
		}
	}
	if all := c.TimestampAuthorityURLs(); len(all) > 0 {
		if raw.GetTsaConfig() == nil {
			return s, errors.New("reading signing config: tsaConfig is not given")
		}
		chosen, err := root.SelectServices(all, c.TimestampAuthorityURLsConfig(), sign.TimestampAuthorityAPIVersions, now)
		if err != nil {
			return s, fmt.Errorf("reading signing config: tsaUrls: %w", err)
		}
		for _, one := range chosen {
			s.stamps = append(s.stamps, one.URL)
		}
	}
	return s, s.provesTime()
}

// provesTime refuses services that leave nothing in a bundle by which the time of the
// signature can be known: a certificate counts for minutes.
func (s services) provesTime() error {
	if len(s.stamps) > 0 {
		return nil
	}
	if len(s.logs) == 0 {
		return errors.New("reading signing config: it names neither a log nor a timestamp authority")
	}
	if v := s.logs[0].MajorAPIVersion; v != 1 {
		return fmt.Errorf("reading signing config: a log of version %d proves no time, and there is no timestamp authority", v)
	}
	return nil
}

// confidential reports whether nobody reads what is sent to a URL on its way.
func confidential(raw string) bool {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return u.Scheme == "https" || u.Scheme == "http" && (u.Hostname() == "localhost" || ip.IsLoopback())
}
