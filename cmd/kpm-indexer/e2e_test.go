package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestE2E runs kpm-indexer test with kpm on a real control plane (.ci/e2e).
func TestE2E(t *testing.T) {
	kubeconfig := os.Getenv("KPM_E2E_KUBECONFIG")
	if kubeconfig == "" {
		if os.Getenv("KPM_E2E") == "required" {
			t.Fatal("KPM_E2E_KUBECONFIG is not set")
		}
		t.Skip("no control plane: KPM_E2E_KUBECONFIG is not set")
	}
	kpm, err := filepath.Abs("../../bin/kpm")
	if err == nil {
		_, err = os.Stat(kpm)
	}
	if err != nil {
		t.Fatalf("%v; run make build", err)
	}
	packages, err := filepath.Abs("../../packages")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/e2e",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("KUBECONFIG", kubeconfig)
			env.Setenv("KPM", kpm)
			env.Setenv("PACKAGES", packages)
			env.Setenv("GIT_CEILING_DIRECTORIES", filepath.Dir(env.WorkDir))
			// Python is found as the user finds it, also through version managers.
			env.Setenv("HOME", os.Getenv("HOME"))
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"kube": kubeCmd, "code": codeCmd},
	})
}
