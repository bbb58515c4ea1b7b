package api

import (
	"net/http"
	"time"
)

// Options say which cluster to connect to and as whom. The zero value of each
// field leaves it to the kubeconfig.
type Options struct {
	Kubeconfig []string // paths, merged as kubectl merges $KUBECONFIG
	Config     []byte   // a kubeconfig itself, instead of paths
	Context    string
	Namespace  string
	As         string // user to impersonate
	AsGroups   []string
	Timeout    time.Duration // of one request; 30 s by default, none when it is negative
	UserAgent  string
	Salt       []byte           // random bytes of this run, for masks; without it masks show no digest
	Now        func() time.Time // time.Now by default

	Wrap func(http.RoundTripper) http.RoundTripper // what every request goes through; nil: nothing
}

// DefaultTimeout is how long one request may take, where nobody says it.
const DefaultTimeout = 30 * time.Second

func (o Options) withDefaults() Options {
	if o.Timeout == 0 {
		o.Timeout = DefaultTimeout
	}
	if o.UserAgent == "" {
		o.UserAgent = "kpm"
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return o
}
