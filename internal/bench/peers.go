package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
)

// The peers: Helm and crane as they are released, and the kubectl of the control plane.
const (
	helmVersion    = "v4.3.1"
	kubectlVersion = "v1.36.3"
	craneVersion   = "v0.21.7"
)

// installHelm builds Helm, where it is missing.
func (b *bench) installHelm(ctx context.Context) error {
	dir, err := peers()
	if err != nil {
		return err
	}
	b.helm = filepath.Join(dir, "helm-"+helmVersion)
	return missing(b.helm, func() error {
		if err := run(ctx, "", []string{"GOBIN=" + dir}, "go", "install", "helm.sh/helm/v4/cmd/helm@"+helmVersion); err != nil {
			return err
		}
		return os.Rename(filepath.Join(dir, "helm"), b.helm)
	})
}

// installKubectl builds kubectl from the module that the control plane is built
// from. Its go.mod lists less than kubectl needs, so a copy of it is completed.
func (b *bench) installKubectl(ctx context.Context) error {
	dir, err := peers()
	if err != nil {
		return err
	}
	b.kubectl = filepath.Join(dir, "kubectl-"+kubectlVersion)
	return missing(b.kubectl, func() error {
		for _, name := range []string{"go.mod", "go.sum"} {
			data, err := os.ReadFile(filepath.Join(e2eModule, name))
			if err != nil {
				return err
			}
			if err := os.WriteFile(filepath.Join(b.dir, name), data, 0o600); err != nil {
				return err
			}
		}
		return run(ctx, e2eModule, nil, "go", "build", "-modfile", filepath.Join(b.dir, "go.mod"), "-mod=mod",
			"-trimpath", "-ldflags=-s -w", "-o", b.kubectl, "k8s.io/kubernetes/cmd/kubectl")
	})
}

// e2eModule is where the control plane of the tests is built.
var e2eModule = filepath.Join("internal", "e2e")

// peers is the folder in the user's cache that keeps what was built.
func peers() (string, error) {
	cache, err := os.UserCacheDir()
	return filepath.Join(cache, "kpm-bench"), err
}

func missing(path string, build func() error) error {
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	log.Printf("building %s; the first time this takes minutes", filepath.Base(path))
	return build()
}

// installCrane installs crane, of the module that kpm reads registries with.
func installCrane(ctx context.Context) (string, error) {
	dir, err := peers()
	if err != nil {
		return "", err
	}
	crane := filepath.Join(dir, "crane-"+craneVersion)
	return crane, missing(crane, func() error {
		if err := run(ctx, "", []string{"GOBIN=" + dir}, "go", "install", "github.com/google/go-containerregistry/cmd/crane@"+craneVersion); err != nil {
			return err
		}
		return os.Rename(filepath.Join(dir, "crane"), crane)
	})
}

// buildGenerator builds the generator of catalogs.
func (b *bench) buildGenerator(ctx context.Context, sources string) error {
	b.genpkgs = filepath.Join(b.dir, "genpkgs")
	return run(ctx, sources, nil, "go", "build", "-o", b.genpkgs, ".")
}

// run runs what is not measured.
func run(ctx context.Context, dir string, env []string, name string, args ...string) error {
	c := exec.CommandContext(ctx, name, args...)
	c.Dir = dir
	c.Env = append(append(os.Environ(), "CGO_ENABLED=0"), env...)
	if out, err := c.CombinedOutput(); err != nil {
		return fmt.Errorf("%s %v: %w\n%s", name, args, err, tail(string(out)))
	}
	return nil
}

func abs(path string) string {
	a, err := filepath.Abs(path)
	if err != nil {
		return path
	}
	return a
}
