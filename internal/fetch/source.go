package fetch

import (
	"cmp"
	"context"
	"crypto/x509"
	"fmt"
	"net/http"
	"net/url"
	"sync/atomic"
	"time"
)

// Options are what a Source needs beside its URL. The zero Options are fine.
type Options struct {
	Transport  http.RoundTripper                     // nil: one made of Proxy and Roots
	Proxy      func(*http.Request) (*url.URL, error) // nil: no proxy
	Roots      *x509.CertPool                        // certificate authorities; nil: the system's
	Credential *Credential                           // nil: none
	UserAgent  string                                // "": kpm
	Log        func(format string, args ...any)      // told of each request, by several goroutines; nil: nobody is

	Stall   time.Duration // longest silence; 0: 30 s
	Window  time.Duration // over which MinRate is measured; 0: 60 s
	MinRate int64         // bytes a second; 0: 1,024
	Pause   time.Duration // before the first retry, four times as much before the second; 0: 250 ms
}

// Source is one place that has a repository. It may be used by several
// goroutines at once.
type Source struct {
	base     *url.URL
	opt      Options
	own      *http.Transport // nil if the transport is the caller's
	slots    chan struct{}   // one element for each running transfer
	requests atomic.Int64
	bytes    atomic.Int64
}

// Open makes a Source of a URL: https://host/path, http://host/path or
// file:///path, without user, query or fragment. It does not ask the source for
// anything, nor whether it is there.
func Open(rawURL string, opt Options) (*Source, error) {
	base, err := parseLocation(rawURL)
	if err != nil {
		return nil, err
	}
	s := &Source{base: base, opt: opt, slots: make(chan struct{}, AtOnce)}
	s.opt.UserAgent = cmp.Or(opt.UserAgent, "kpm")
	s.opt.Stall = cmp.Or(opt.Stall, stall)
	s.opt.Window = cmp.Or(opt.Window, window)
	s.opt.MinRate = cmp.Or(opt.MinRate, minRate)
	s.opt.Pause = cmp.Or(opt.Pause, 250*time.Millisecond)
	if opt.Transport == nil && base.Scheme != "file" {
		s.own = newTransport(opt.Proxy, opt.Roots)
		s.opt.Transport = s.own
	}
	if opt.Credential != nil && !confidential(base) {
		s.logf("the credential is not sent to %s: http is not encrypted", s)
	}
	return s, nil
}

// String is the URL of the source.
func (s *Source) String() string {
	return printed(s.base)
}

// Folder is the folder of this host that the source reads; "" for none.
func (s *Source) Folder() string {
	if s.base.Scheme != "file" {
		return ""
	}
	return directory(s.base)
}

// Stats counts the requests sent, redirects and retries included, and the
// bytes of bodies received, as they came over the wire.
func (s *Source) Stats() (requests, bytes int64) {
	return s.requests.Load(), s.bytes.Load()
}

// Close ends idle connections. The Source can still be used.
func (s *Source) Close() {
	if s.own != nil {
		s.own.CloseIdleConnections()
	}
}

func (s *Source) logf(format string, args ...any) {
	if s.opt.Log != nil {
		s.opt.Log(format, args...)
	}
}

// acquire waits for a free slot; release gives it back.
func (s *Source) acquire(ctx context.Context) error {
	select {
	case s.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("fetching from %s: %w", s, ctx.Err())
	}
}

func (s *Source) release() {
	<-s.slots
}
