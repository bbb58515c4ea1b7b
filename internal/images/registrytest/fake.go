package registrytest

import (
	"bytes"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/registry"
)

// Fake is a registry in which faults can be injected.
type Fake struct {
	Host string
	Gone func() // ends it before the test does

	mu    sync.Mutex
	inner http.Handler
	fault func(http.ResponseWriter, *http.Request) bool
	asked []string
}

// NewFake starts one that knows referrers.
func NewFake(t testing.TB) *Fake {
	t.Helper()
	return start(t, ranges{registry.New(registry.Logger(log.New(io.Discard, "", 0)), registry.WithReferrersSupport(true))})
}

// Front starts a way to a registry of Docker that asks nobody who he is.
func (d *Docker) Front(t testing.TB) *Fake {
	t.Helper()
	to := &url.URL{Scheme: "https", Host: d.Host}
	return start(t, &httputil.ReverseProxy{
		Transport: d.Transport(), ErrorLog: log.New(io.Discard, "", 0),
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(to)
			r.Out.Host = r.In.Host
			r.Out.Header.Set("X-Forwarded-Proto", "http")
		},
	})
}

func start(t testing.TB, inner http.Handler) *Fake {
	f := &Fake{inner: inner}
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	f.Gone = server.Close
	f.Host = strings.TrimPrefix(server.URL, "http://")
	return f
}

// Misbehave makes it answer as it is told; nil makes it behave. It forgets what it was
// asked.
func (f *Fake) Misbehave(fault func(http.ResponseWriter, *http.Request) bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.fault, f.asked = fault, nil
}

// Requests are those since the last Misbehave, each as METHOD PATH, sorted.
func (f *Fake) Requests() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Sorted(slices.Values(f.asked))
}

// ServeHTTP answers as a registry, or as it was told.
func (f *Fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	fault := f.fault
	f.asked = append(f.asked, r.Method+" "+r.URL.Path)
	f.mu.Unlock()
	if fault == nil || !fault(w, r) {
		f.Behave(w, r)
	}
}

// Behave answers as the registry does.
func (f *Fake) Behave(w http.ResponseWriter, r *http.Request) { f.inner.ServeHTTP(w, r) }

// ranges gives parts of blobs, too.
type ranges struct{ inner http.Handler }

// ServeHTTP answers as the registry does, but for parts.
func (f ranges) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet || !strings.Contains(r.URL.Path, "/blobs/sha256:") {
		f.inner.ServeHTTP(w, r)
		return
	}
	whole := r.Clone(r.Context())
	whole.Header.Del("Range")
	got := httptest.NewRecorder()
	f.inner.ServeHTTP(got, whole)
	if got.Code != http.StatusOK {
		w.WriteHeader(got.Code)
		return
	}
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(got.Body.Bytes()))
}
