package main

import (
	"crypto/rand"
	"os"
	"path/filepath"
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
	p.Cmds["masked"] = masked
	setup := p.Setup
	p.Setup = func(env *testscript.Env) error {
		env.Setenv("KUBECONFIG", config)
		env.Setenv("KPM_NAMESPACE", namespace())
		env.Setenv("NS", env.Getenv("KPM_NAMESPACE"))
		env.Setenv("OTHER", namespace())
		env.Setenv("DEV", dev(config))
		return setup(env)
	}
	p.Condition = func(name string) (bool, error) {
		_, err := os.Stat(dev(config))
		return name == "dev" && err == nil, nil
	}
	forger := &forger{t, newAPIServer(t, config)}
	p.Cmds["twice"], p.Cmds["erase"], p.Cmds["patch"] = forger.twice, forger.erase, forger.patch
	p.Cmds["forge"], p.Cmds["make"], p.Cmds["there"], p.Cmds["keeps"] = forger.forge, forger.make, forger.there, forger.keeps
	testscript.Run(t, p)
}

// dev is the kubeconfig of a user who may do nothing yet, if the control plane
// has one.
func dev(config string) string {
	return filepath.Join(filepath.Dir(config), "dev.kubeconfig")
}
