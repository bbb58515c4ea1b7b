package registry

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"

	"github.com/kpm-sh/kpm/internal/fetch"
	"github.com/kpm-sh/kpm/internal/images"
)

// Options are how registries are reached.
type Options struct {
	Fetch    fetch.Options  // Transport, or Proxy and Roots; UserAgent; Log; Pause
	Keychain authn.Keychain // nil: the user's
}

// Client asks registries. It is safe for concurrent use; each repository is greeted
// once.
type Client struct {
	opt  Options
	base http.RoundTripper

	mu    sync.Mutex
	repos map[string]*opening
}

// opening is a repository that is greeted, or was.
type opening struct {
	once sync.Once
	repository
	err error
}

// repository is one repository of a registry, to whom we have said who we are.
type repository struct {
	base   url.URL // of the repository, HOST/v2/PATH
	tr     http.RoundTripper
	source *fetch.Source
}

// New makes a client.
func New(o Options) *Client {
	base := o.Fetch.Transport
	if base == nil {
		t := http.DefaultTransport.(*http.Transport).Clone()
		t.Proxy, t.MaxIdleConnsPerHost = o.Fetch.Proxy, maxAtOnce
		t.ResponseHeaderTimeout = time.Minute
		t.DialContext = (&net.Dialer{Timeout: 10 * time.Second}).DialContext
		t.TLSClientConfig = &tls.Config{RootCAs: o.Fetch.Roots, MinVersion: tls.VersionTLS12}
		base = t
	}
	if o.Keychain == nil {
		o.Keychain = authn.DefaultKeychain
	}
	return &Client{opt: o, base: base, repos: map[string]*opening{}}
}

// maxAtOnce is how many connections to one registry are kept.
const maxAtOnce = 8

// open greets a repository. action is "pull" or "push".
func (c *Client) open(ctx context.Context, ref images.Ref, action string) (repository, error) {
	c.mu.Lock()
	o := c.repos[ref.Name()+" "+action]
	if o == nil {
		o = &opening{}
		c.repos[ref.Name()+" "+action] = o
	}
	c.mu.Unlock()
	o.once.Do(func() { o.repository, o.err = c.greet(ctx, ref, action) })
	if o.err != nil && ctx.Err() != nil {
		return repository{}, ctx.Err()
	}
	return o.repository, o.err
}

func (c *Client) greet(ctx context.Context, ref images.Ref, action string) (repository, error) {
	reg, err := name.NewRegistry(ref.Host)
	if err != nil {
		return repository{}, err
	}
	auth, err := authn.Resolve(ctx, c.opt.Keychain, resource{reg, ref.Path})
	if err != nil {
		return repository{}, &refusal{Host: ref.Host, What: "reading who we are", Err: err}
	}
	scope := "repository:" + ref.Path + ":" + transport.PullScope
	if action == "push" {
		scope = "repository:" + ref.Path + ":" + transport.PushScope
	}
	var tr http.RoundTripper
	var told greeting
	err = c.again(ctx, func() (err error) {
		answered, cancel := context.WithTimeout(ctx, 30*time.Second)
		defer cancel()
		tr, err = transport.NewWithContext(answered, reg, auth, counted{c.base, c.opt.Fetch.Log, &told}, []string{scope})
		if err = fault(ref.Host, "", err); errors.Is(err, ErrUnreachable) && errors.As(err, new(*transport.Error)) {
			err = &busyError{err, time.Duration(told.after.Load())}
		}
		return err
	})
	if err != nil {
		return repository{}, err
	}
	tr = asksManifests{tr}
	o := c.opt.Fetch
	o.Transport, o.Credential = tr, nil
	base := url.URL{Scheme: told.scheme(), Host: reg.RegistryStr(), Path: "/v2/" + ref.Path}
	source, err := fetch.Open(base.String(), o)
	return repository{base, tr, source}, err
}

// resource is a repository as a keychain is asked for it.
type resource struct {
	name.Registry
	path string
}

// String is the repository with its registry.
func (r resource) String() string { return r.RegistryStr() + "/" + r.path }

// greeting is what a registry let us know when it was greeted.
type greeting struct {
	after        atomic.Int64 // the pause that its last answer asked for, a time.Duration
	https, plain atomic.Bool  // it answers by that
}

// scheme is by what the registry is asked.
func (g *greeting) scheme() string {
	if g.plain.Load() && !g.https.Load() {
		return "http"
	}
	return "https"
}

// counted tells of each request that is not fetch's, and notes what is answered.
type counted struct {
	inner http.RoundTripper
	log   func(format string, args ...any)
	told  *greeting
}

// RoundTrip sends the request.
func (t counted) RoundTrip(r *http.Request) (*http.Response, error) {
	if t.log != nil && !strings.Contains(r.URL.Path, "/manifests/") && !strings.Contains(r.URL.Path, "/blobs/") {
		t.log("%s %s://%s%s", r.Method, r.URL.Scheme, r.URL.Host, r.URL.Path)
	}
	resp, err := t.inner.RoundTrip(r)
	if err == nil {
		t.told.after.Store(int64(retryAfter(resp.Header)))
		if r.URL.Path == "/v2/" {
			t.told.https.CompareAndSwap(false, r.URL.Scheme == "https")
			t.told.plain.CompareAndSwap(false, r.URL.Scheme == "http")
		}
	}
	return resp, err
}

// asksManifests says which manifests are understood.
type asksManifests struct{ inner http.RoundTripper }

// RoundTrip sends the request.
func (t asksManifests) RoundTrip(r *http.Request) (*http.Response, error) {
	if strings.Contains(r.URL.Path, "/manifests/") && r.Method != http.MethodPut {
		r.Header.Set("Accept", images.Accepted)
	}
	return t.inner.RoundTrip(r)
}
