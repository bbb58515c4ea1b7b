// Package built knows where what is built here lies: in the user's cache, in a
// folder named after all that the build depends on. It costs minutes to build, so
// every checkout with the same sources shares it.
package built

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

// Product is the name of what is built.
type Product string

const (
	Cluster Product = "kpm-cluster" // the control plane, and what runs commands beside it
	Kubelet Product = "kpm-kubelet" // a real node's, of the same version
	Images  Product = "images.tar"  // what the containers on a real node run
)

// packages are the folders that each product is made of.
var packages = map[Product][]string{
	Cluster: {"cluster", "kpm-cluster", "machine", "netns", "oracle"},
	Kubelet: {"kpm-kubelet"},
	Images:  {"images", "images/pause", "images/play"},
}

// Flags are what the binaries are built with. The version is that of k8s.io/kubernetes
// in go.mod; without the stamp, clients would be told v0.0.0.
func Flags() []string {
	const version = "k8s.io/component-base/version."
	return []string{
		"-ldflags=-s -w" +
			" -X " + version + "gitVersion=v1.36.3" +
			" -X " + version + "gitMajor=1" +
			" -X " + version + "gitMinor=36",
	}
}

// Root returns the folder of this module, when the working directory is in it.
func Root() (string, error) {
	out, err := exec.Command("go", "env", "GOMOD").Output()
	if err != nil {
		return "", fmt.Errorf("looking for go.mod: %w", err)
	}
	return filepath.Dir(string(bytes.TrimSpace(out))), nil
}

// Path returns where the product of the sources in root belongs, built or not.
func Path(root string, p Product) (string, error) {
	caches, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("looking for the user's caches: %w", err)
	}
	files, err := sources(root, p)
	if err != nil {
		return "", err
	}
	h := sha256.New()
	fmt.Fprintln(h, runtime.Version(), runtime.GOARCH, Flags())
	for _, name := range files {
		text, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			return "", err
		}
		fmt.Fprintln(h, name, len(text))
		h.Write(text)
	}
	return filepath.Join(caches, "kpm-e2e", hex.EncodeToString(h.Sum(nil)[:8]), string(p)), nil
}

// sources returns the names of the files that a product is made of, below root.
func sources(root string, p Product) ([]string, error) {
	names := []string{"go.mod", "go.sum"}
	for _, pkg := range packages[p] {
		entries, err := os.ReadDir(filepath.Join(root, pkg))
		if err != nil {
			return nil, err
		}
		for _, e := range entries {
			name := e.Name()
			if strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_test.go") {
				names = append(names, filepath.Join(pkg, name))
			}
		}
	}
	return names, nil
}
