package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/go-logr/logr"
	"k8s.io/client-go/rest"
	"k8s.io/klog/v2"
)

// Client is a connection to a cluster. It is safe for concurrent use.
type Client struct {
	Host      string // URL of the API server
	Namespace string // that is meant where none is named: of the options, the context, or "default"
	Version   string // of the server, as it says it: "v1.36.3"

	options  Options
	server   server
	warnings warnings

	mu    sync.Mutex
	kinds *kinds
}

// quiet silences klog, once: its logger is the process's.
var quiet = sync.OnceFunc(func() { klog.SetLogger(logr.Discard()) })

// Connect reads the kubeconfig and asks the server for its version. Errors are
// ErrNoKubeconfig, ErrNotFound for a context that is not there, ErrForbidden and
// ErrUnreachable.
//
// It silences klog for the process: client-go reports there what it also
// returns.
func Connect(ctx context.Context, o Options) (*Client, error) {
	quiet()
	o = o.withDefaults()
	cfg, namespace, err := load(o)
	if err != nil {
		return nil, err
	}
	base, _, err := rest.DefaultServerUrlFor(cfg)
	if err != nil {
		return nil, fmt.Errorf("reading the kubeconfig: %w", err)
	}
	c := &Client{Host: base.String(), Namespace: namespace, options: o}
	cfg.WarningHandlerWithContext = &c.warnings
	if c.server, err = newServer(cfg, c.Host, o); err != nil {
		return nil, fmt.Errorf("reading the kubeconfig: %w", err)
	}
	c.Version, err = version(ctx, c)
	return c, err
}

func version(ctx context.Context, c *Client) (string, error) {
	a, err := c.Do(ctx, Request{Method: http.MethodGet, Path: "/version"})
	if err != nil {
		return "", fmt.Errorf("asking %s for its version: %w", c.Host, err)
	}
	var v struct {
		GitVersion string `json:"gitVersion"`
	}
	if err := json.Unmarshal(a.Body, &v); err != nil || v.GitVersion == "" {
		return "", Fault(c.Host+" does not answer as a Kubernetes API server does", ErrUnreachable)
	}
	return v.GitVersion, nil
}

// WhoAmI is the name by which the server knows us, or "" if it does not tell.
func (c *Client) WhoAmI(ctx context.Context) string {
	a, err := c.Do(ctx, Request{
		Method: http.MethodPost, Path: "/apis/authentication.k8s.io/v1/selfsubjectreviews",
		Body: map[string]any{"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"},
	})
	if err != nil {
		return ""
	}
	var review struct {
		Status struct {
			UserInfo struct {
				Username string `json:"username"`
			} `json:"userInfo"`
		} `json:"status"`
	}
	if json.Unmarshal(a.Body, &review) != nil {
		return ""
	}
	return review.Status.UserInfo.Username
}

// Now is the time by the clock of the options.
func (c *Client) Now() time.Time { return c.options.Now() }

// NewMask is a mask with the salt of the options.
func (c *Client) NewMask() *Mask { return &Mask{Salt: c.options.Salt} }
