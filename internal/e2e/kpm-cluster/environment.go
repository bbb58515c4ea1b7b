//go:build linux

package main

import (
	"fmt"
	"go/build"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// environment returns env without anything that could lead to a cluster or out of
// the namespace, with home and tmp as the folders of the user. Go still finds its
// caches, which it would look for below the home.
func environment(env []string, home, tmp string) ([]string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return nil, fmt.Errorf("looking for the user's caches: %w", err)
	}
	config, err := os.UserConfigDir()
	if err != nil {
		return nil, fmt.Errorf("looking for the user's settings: %w", err)
	}
	kept := []string{
		"GOCACHE=" + filepath.Join(cache, "go-build"),
		"GOPATH=" + build.Default.GOPATH,
		"GOENV=" + filepath.Join(config, "go", "env"),
	}
	for _, e := range env {
		if name, _, _ := strings.Cut(e, "="); !misleads(name) {
			kept = append(kept, e)
		}
	}
	return append(kept, "HOME="+home, "TMPDIR="+tmp), nil
}

func misleads(name string) bool {
	if strings.HasPrefix(name, "XDG_") || strings.HasPrefix(name, "KUBERNETES_") {
		return true
	}
	return slices.Contains([]string{
		"KUBECONFIG", "KPM_E2E_KUBECONFIG", "KPM_E2E_CONTAINERD", "HOME", "TMPDIR",
		"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY",
	}, strings.ToUpper(name))
}
