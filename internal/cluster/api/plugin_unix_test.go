//go:build unix

package api

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/kpm-sh/kpm/internal/cluster/clustertest"
)

// withPlugin is a kubeconfig whose credentials a program gives.
func withPlugin(url, program string) []byte {
	plugin := fmt.Appendf(nil, "user: {exec: {apiVersion: client.authentication.k8s.io/v1, command: %q, interactiveMode: Never}}", program)
	insecure := bytes.Replace(clustertest.Kubeconfig(url), []byte("cluster: {server"), []byte("cluster: {insecure-skip-tls-verify: true, server"), 1)
	return bytes.Replace(insecure, []byte("user: {token: t}"), plugin, 1) // client-go runs none for plain HTTP
}

// A credential plugin that fails, or that waits for its user, is no fault of the
// server, and does not hold kpm for ever.
func TestCredentialPlugin(t *testing.T) {
	srv := httptest.NewTLSServer(clustertest.Answer(200, `{"gitVersion":"v1.36.3"}`))
	t.Cleanup(srv.Close)
	connect := func(ctx context.Context, program string, timeout time.Duration) error {
		_, err := Connect(ctx, Options{Config: withPlugin(srv.URL, program), Timeout: timeout})
		return err
	}
	script := func(text string) string {
		t.Helper()
		path := filepath.Join(t.TempDir(), "plugin")
		if err := os.WriteFile(path, []byte("#!/bin/sh\n"+text), 0o700); err != nil { //nolint:gosec // it is to be run
			t.Fatal(err)
		}
		return path
	}
	for name, c := range map[string]struct {
		program, want string
		timeout       time.Duration
		slow          bool
	}{
		"fails":  {script("exit 3\n"), "gave no credentials: exec: executable ", time.Minute, false},
		"absent": {filepath.Join(t.TempDir(), "none"), "gave no credentials: exec: ", time.Minute, false},
		"hangs":  {script("exec sleep 2\n"), "did not answer within 100ms: it may wait for you to log in", 100 * time.Millisecond, true},
	} {
		t.Run(name, func(t *testing.T) {
			err := connect(t.Context(), c.program, c.timeout)
			if !errors.Is(err, errUnknownUser) || errors.Is(err, ErrUnreachable) || errors.Is(err, ErrSlow) || errors.Is(err, errPluginHangs) != c.slow || !strings.Contains(err.Error(), c.program+", the credential plugin of the kubeconfig, "+c.want) {
				t.Errorf("got %v", err)
			}
		})
	}
	ctx, cancel := context.WithCancel(t.Context())
	interrupted := make(chan error, 1)
	go func() { interrupted <- connect(ctx, script("exec sleep 2\n"), 0) }()
	cancel()
	if err := <-interrupted; !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted: %v", err)
	}
	good := script(`echo '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"t"}}'` + "\n")
	if err := connect(t.Context(), good, time.Minute); err != nil {
		t.Errorf("one that works: %v", err)
	}
}
