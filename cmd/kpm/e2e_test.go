package main

import (
	"crypto/rand"
	"os"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// controlPlane is the kubeconfig of the control plane that the tests are run beside. Without
// one the test is skipped.
func controlPlane(t *testing.T) string {
	t.Helper()
	path := os.Getenv("KPM_E2E_KUBECONFIG")
	if path == "" {
		if os.Getenv("KPM_E2E") == "required" {
			t.Fatal("KPM_E2E_KUBECONFIG is not set")
		}
		t.Skip("no control plane: KPM_E2E_KUBECONFIG is not set")
	}
	return path
}

// namespace is the name of one that nobody uses.
func namespace() string {
	return "t-" + strings.ToLower(rand.Text()[:10])
}

// TestE2E runs whole sessions beside a real control plane, each in a namespace of
// its own, $NS.
func TestE2E(t *testing.T) {
	config := controlPlane(t)
	p := params(t, "testdata/e2e")
	setup := p.Setup
	p.Setup = func(env *testscript.Env) error {
		env.Setenv("KUBECONFIG", config)
		env.Setenv("KPM_NAMESPACE", namespace())
		env.Setenv("NS", env.Getenv("KPM_NAMESPACE"))
		env.Setenv("OTHER", namespace())
		return setup(env)
	}
	testscript.Run(t, p)
}
