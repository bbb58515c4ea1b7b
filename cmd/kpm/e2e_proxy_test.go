package main

import (
	"bytes"
	"encoding/json"
	"encoding/pem"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"testing"
)

// proxy stands between kpm and the API server of the control plane, and fails when
// it is told to.
type proxy struct {
	*httptest.Server
	config string // the kubeconfig of the administrator that leads through it
	api    *httputil.ReverseProxy

	mu    sync.Mutex
	seen  int
	fault fault
}

// fault is what a proxy does from one request on.
type fault struct {
	at   int    // the first request that it does not answer, nor any after it; 0: it answers all
	done bool   // the server has done what the first one asks for
	hang bool   // the connection stays
	then func() // is called when that happened, once
}

func newProxy(t *testing.T, api *apiServer) *proxy {
	t.Helper()
	target, err := url.Parse(api.url)
	if err != nil {
		t.Fatal(err)
	}
	quiet := log.New(io.Discard, "", 0)
	p := &proxy{api: &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) }, Transport: api.client.Transport, ErrorLog: quiet,
	}}
	p.Server = httptest.NewUnstartedServer(p)
	p.Config.ErrorLog = quiet
	p.StartTLS()
	t.Cleanup(p.Close)
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: p.Certificate().Raw})
	p.config = kubeconfigOf(t, p.URL, ca, api.token)
	return p
}

// kubeconfigOf writes the kubeconfig of one user of one cluster.
func kubeconfigOf(t *testing.T, server string, ca []byte, token string) string {
	t.Helper()
	type named map[string]any
	text, err := json.Marshal(map[string]any{
		"apiVersion": "v1", "kind": "Config", "current-context": "c",
		"clusters": []named{{"name": "c", "cluster": named{"server": server, "certificate-authority-data": ca}}},
		"users":    []named{{"name": "u", "user": named{"token": token}}},
		"contexts": []named{{"name": "c", "context": named{"cluster": "c", "user": "u"}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "kubeconfig")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// fail begins to count requests, and fails as f says.
func (p *proxy) fail(f fault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.seen, p.fault = 0, f
}

// requests is how many were counted.
func (p *proxy) requests() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.seen
}

func (p *proxy) count() (int, fault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.seen++
	return p.seen, p.fault
}

func (p *proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	n, f := p.count()
	// Read to its end first: where the answer overtakes the request, Go's server
	// closes the connection afterwards without saying so. That also lets it notice
	// when the other side goes.
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	if f.at == 0 || n < f.at {
		p.api.ServeHTTP(w, r)
		return
	}
	if n == f.at && f.done {
		p.api.ServeHTTP(httptest.NewRecorder(), r)
	}
	if n == f.at && f.then != nil {
		f.then()
	}
	if f.hang {
		<-r.Context().Done()
	}
	panic(http.ErrAbortHandler)
}
