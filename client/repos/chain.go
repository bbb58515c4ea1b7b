package repos

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/kpm-sh/kpm/internal/home"
	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/trust"
	"github.com/kpm-sh/kpm/signing"
)

// errNoTrust says that the pinned trust document was not fetched yet.
var errNoTrust = errors.New("its pinned trust document was not fetched yet")

// readChain gives the newest trust document that this home knows of a repository,
// verified from the pin on. Its keyless signers are looked for by the trusted roots that
// the home has.
func readChain(h home.Home, c Config) (*trust.Document, error) {
	d, err := readDocuments(h, c)
	return d.WithObjects(storedRoots(h, c.Alias)), err
}

// storedRoots reads the trusted roots of Sigstore instances that an update fetched.
func storedRoots(h home.Home, alias string) func(index.Ref) ([]byte, error) {
	return func(ref index.Ref) ([]byte, error) { return os.ReadFile(trustedRootPath(h, alias, ref)) }
}

func trustedRootPath(h home.Home, alias string, ref index.Ref) string {
	return filepath.Join(h.Repository(alias), "trust", string(ref.SHA256)+".json")
}

func readDocuments(h home.Home, c Config) (*trust.Document, error) {
	switch {
	case c.Key != "":
		key, err := signing.ParsePublicKey([]byte(c.Key))
		if err != nil {
			return nil, err
		}
		return trust.KeyDocument(key), nil
	case c.Identity != "":
		return trust.IdentityDocument(c.Issuer, c.Identity, c.Source), nil
	}
	env, err := readTrust(h, c.Alias, c.Pin.Version)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errNoTrust
	}
	if err != nil {
		return nil, err
	}
	d, err := trust.Open(*c.Pin, env)
	if err == nil && c.Pin.Version > 1 {
		d = withHistory(h, c, d, env)
	}
	for err == nil {
		env, err = readTrust(h, c.Alias, d.Version+1)
		if errors.Is(err, fs.ErrNotExist) {
			return d, nil
		}
		if err != nil {
			return nil, err
		}
		d, err = trust.OpenNext(d, env)
	}
	return nil, fmt.Errorf("reading the trust documents in %s: %w", filepath.Dir(trustPath(h, c.Alias, 1)), err)
}

// withHistory is the pinned document as the next of those before it, where the home has
// all of these from the root of the repository on; else it is d.
func withHistory(h home.Home, c Config, d *trust.Document, env *index.Envelope) *trust.Document {
	root := knownRoot(h, c.Alias)
	if root == "" {
		return d
	}
	var last *trust.Document
	for n := int64(1); n < c.Pin.Version; n++ {
		before, err := readTrust(h, c.Alias, n)
		if err != nil {
			return d
		}
		if last == nil {
			last, err = trust.Open(trust.Pin{Version: 1, Digest: root}, before)
		} else {
			last, err = trust.OpenNext(last, before)
		}
		if err != nil {
			return d
		}
	}
	if next, err := trust.OpenNext(last, env); err == nil {
		return next
	}
	return d
}

// acceptedAt is when the home took a trust document; zero where it has none of that
// number.
func acceptedAt(h home.Home, alias string, n int64) time.Time {
	info, err := os.Stat(trustPath(h, alias, n))
	if err != nil {
		return time.Time{}
	}
	return info.ModTime().UTC().Truncate(time.Second)
}

func trustPath(h home.Home, alias string, n int64) string {
	return filepath.Join(h.Repository(alias), "trust", strconv.FormatInt(n, 10)+".json")
}

func readTrust(h home.Home, alias string, n int64) (*index.Envelope, error) {
	data, err := os.ReadFile(trustPath(h, alias, n))
	if err != nil {
		return nil, err
	}
	env, err := index.DecodeEnvelope(data)
	if err != nil {
		return nil, fmt.Errorf("%s is damaged, remove it to fetch it again: %w", trustPath(h, alias, n), err)
	}
	return env, nil
}
