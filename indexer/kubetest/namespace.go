package kubetest

import (
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// A namespace of the test is a Kube of its own, which holds the Namespace and is
// installed in shared: so kpm makes it, and takes it away with all that is in it.

// shared is a namespace that every cluster has.
const shared = "default"

// ofTests are names that namespaceName gives.
var ofTests = regexp.MustCompile(`^test-[a-z0-9-]+-[a-z2-7]{8}$`)

// namespaceName is one that nobody else has.
func namespaceName(kube string) string {
	if len(kube) > 30 {
		kube = strings.TrimRight(kube[:30], "-")
	}
	return "test-" + kube + "-" + strings.ToLower(rand.Text()[:8])
}

// makeNamespace makes a namespace; dir is a folder for files.
func (l life) makeNamespace(ctx context.Context, dir, name string) error {
	at := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Join(at, "manifests"), 0o700); err != nil {
		return err
	}
	for path, text := range map[string]string{
		"K3.yaml":                  "name: %s\nversion: 1.0.0\ndescription: A namespace of a test.\n",
		"manifests/namespace.yaml": "apiVersion: v1\nkind: Namespace\nmetadata: {name: %s}\n",
	} {
		if err := os.WriteFile(filepath.Join(at, path), fmt.Appendf(nil, text, name), 0o600); err != nil {
			return err
		}
	}
	return l.do(ctx, nil, ask("install", at, shared, l.timeout()))
}
