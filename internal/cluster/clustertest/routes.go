package clustertest

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
)

// Kubeconfig is that of a user of the server at a URL: in the namespace web, or with the
// context bare in none.
func Kubeconfig(url string) []byte {
	return fmt.Appendf(nil, `
apiVersion: v1
kind: Config
current-context: c
clusters: [{name: c, cluster: {server: %q}}]
users: [{name: u, user: {token: t}}]
contexts:
- {name: c, context: {cluster: c, user: u, namespace: web}}
- {name: bare, context: {cluster: c, user: u}}
`, url)
}

// Serve starts a server that has its version and the routes, by patterns of
// [http.ServeMux], stops it with the test, and gives the kubeconfig of a user of it.
func Serve(t *testing.T, routes map[string]http.HandlerFunc) []byte {
	t.Helper()
	mux := http.NewServeMux()
	mux.Handle("GET /version", Answer(http.StatusOK, `{"gitVersion":"v1.36.3"}`))
	for pattern, handle := range routes {
		mux.HandleFunc(pattern, handle)
	}
	srv := httptest.NewServer(mux)
	t.Cleanup(srv.Close)
	return Kubeconfig(srv.URL)
}

// Answer gives every request one answer, in JSON.
func Answer(code int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(code)
		_, _ = io.WriteString(w, body) //nolint:errcheck // nobody reads it any more
	}
}
