package main

import (
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/kpm-sh/kpm/internal/sitetest"
)

// with runs kpm with more variables.
func with(t *testing.T, home string, env []string, args ...string) (string, int) {
	t.Helper()
	cmd := command(t.Context(), home, args...)
	cmd.Env = append(cmd.Env, env...)
	out, _ := cmd.CombinedOutput() // the code says it
	return string(out), cmd.ProcessState.ExitCode()
}

func writeFile(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

// A proxy is used where HTTP_PROXY names one.
func TestProxy(t *testing.T) {
	site, home := pinned(t)
	runKPM(t, home, "repo", "add", "far", "http://kpm.test", "--trust", site.Pin.String())
	if out, code := with(t, home, []string{"HTTP_PROXY=" + site.URL}, "update", "far"); code != 0 {
		t.Errorf("exit code %d: %s", code, out)
	}
}

// SSL_CERT_FILE names the authorities; without it an unknown one is refused.
func TestCertificates(t *testing.T) {
	site, home := pinned(t)
	server := httptest.NewTLSServer(site)
	t.Cleanup(server.Close)
	runKPM(t, home, "repo", "add", "tls", server.URL, "--trust", site.Pin.String())
	if out, code := with(t, home, nil, "update", "tls"); code != exitUnreachable || !strings.Contains(out, "certificate") {
		t.Errorf("unknown authority: exit code %d: %s", code, out)
	}
	roots := filepath.Join(t.TempDir(), "roots.pem")
	writeFile(t, roots, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}))
	if out, code := with(t, home, []string{"SSL_CERT_FILE=" + roots}, "update", "tls"); code != 0 {
		t.Errorf("known authority: exit code %d: %s", code, out)
	}
}

// A private repository gets what ~/.netrc or the variable of --token-env holds.
func TestPrivateRepository(t *testing.T) {
	for name, c := range map[string]struct {
		header string
		netrc  string
		env    []string
		flags  []string
	}{
		"netrc": {header: "Basic bWU6c2VjcmV0", netrc: "machine 127.0.0.1 login me password secret\n"},
		"token": {header: "Bearer secret", env: []string{"MY_TOKEN=secret"}, flags: []string{"--token-env", "MY_TOKEN"}},
	} {
		t.Run(name, func(t *testing.T) {
			site, home := pinned(t)
			site.Misbehave(func(w http.ResponseWriter, r *http.Request) bool {
				if r.Header.Get("Authorization") == c.header {
					return false
				}
				w.WriteHeader(http.StatusUnauthorized)
				return true
			})
			writeFile(t, filepath.Join(home, ".netrc"), []byte(c.netrc))
			add := append([]string{"repo", "add", "private", site.URL, "--trust", site.Pin.String()}, c.flags...)
			if out, code := with(t, home, nil, add...); code != 0 { // its token need not be there yet
				t.Fatalf("exit code %d: %s", code, out)
			}
			out, code := with(t, home, c.env, "update", "private")
			if code != 0 || strings.Contains(out, "secret") {
				t.Errorf("exit code %d: %s", code, out)
			}
			if out, code = with(t, home, nil, "update", "main", "-v"); code == 0 && name == "token" {
				t.Errorf("without the token: exit code %d: %s", code, out)
			}
		})
	}
}

// A site is a folder, too.
func TestFileSource(t *testing.T) {
	site := sitetest.New(t)
	site.Now = time.Now()
	dir, home := t.TempDir(), t.TempDir()
	site.Publish(sitetest.Release("a", "1.0.0"))
	site.Write(dir)
	at := url.URL{Scheme: "file", Path: filepath.ToSlash(dir)}
	runKPM(t, home, "repo", "add", "main", at.String(), "--trust", site.Pin.String())
	for _, args := range [][]string{{"update"}, {"get", "a"}} {
		if out, code := runKPM(t, home, args...); code != 0 {
			t.Errorf("kpm %v: exit code %d: %s", args, code, out)
		}
	}
}
