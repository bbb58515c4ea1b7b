// Package built knows where the binary kpm-cluster lies once it is built: in the
// user's cache, in a folder named after all that the build depends on. It costs
// minutes to build, so every checkout with the same sources shares it.
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

// Flags are what the binary is built with. The version is that of k8s.io/kubernetes
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

// Path returns where the binary of the sources in root belongs, built or not.
func Path(root string) (string, error) {
	caches, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("looking for the user's caches: %w", err)
	}
	files, err := sources(root)
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
	return filepath.Join(caches, "kpm-e2e", hex.EncodeToString(h.Sum(nil)[:8]), "kpm-cluster"), nil
}

// sources returns the names of the files that the binary is made of, below root.
func sources(root string) ([]string, error) {
	names := []string{"go.mod", "go.sum"}
	for _, pkg := range []string{"cluster", "kpm-cluster", "netns"} {
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
