// Command build builds a product (see package built) into the user's cache, unless
// it is there, and prints its path.
//
//	build [-have] [kpm-cluster | kpm-kubelet | images.tar]
//
// It builds kpm-cluster unless told otherwise. The first build of a machine compiles
// a whole Kubernetes: six minutes on two cores, three gigabytes of memory and of disk.
// After it kpm-kubelet takes half a minute, before it four.
//
// With -have it builds nothing, and prints nothing where nothing was built.
package main

import (
	"cmp"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"

	"github.com/kpm-sh/kpm/internal/e2e/built"
)

// keep is how many of each product stay in the cache: those of other checkouts, too.
const keep = 3

func main() {
	have := flag.Bool("have", false, "build nothing")
	flag.Parse()
	product := built.Cluster
	if flag.NArg() > 0 {
		product = built.Product(flag.Arg(0))
	}
	path, err := build(product, *have)
	if err != nil {
		fmt.Fprintf(os.Stderr, "building %s: %v\n", product, err)
		os.Exit(1)
	}
	if path != "" {
		fmt.Println(path)
	}
}

func build(product built.Product, have bool) (string, error) {
	if runtime.GOOS != "linux" {
		return "", fmt.Errorf("it needs the network namespaces of Linux, not %s", runtime.GOOS)
	}
	root, err := built.Root()
	if err != nil {
		return "", err
	}
	path, err := built.Path(root, product)
	if err != nil {
		return "", err
	}
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	if have {
		return "", nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return "", err
	}
	partial := fmt.Sprintf("%s.%d", path, os.Getpid())
	defer os.Remove(partial) //nolint:errcheck // it is gone after a success
	cmd := exec.Command("go", args(product, partial)...)
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
	if err := cmd.Run(); err != nil {
		return "", err
	}
	if err := os.Rename(partial, path); err != nil {
		return "", err
	}
	return path, prune(filepath.Dir(filepath.Dir(path)), product)
}

// args make Go build a product into a file.
func args(product built.Product, file string) []string {
	if product == built.Images {
		return []string{"run", "./images", file}
	}
	fmt.Fprintf(os.Stderr, "---> Building %s; the first time this takes minutes\n", product)
	return append(append([]string{"build", "-o", file}, built.Flags()...), "./"+string(product))
}

// prune removes all but the newest of a product.
func prune(cache string, product built.Product) error {
	all, err := filepath.Glob(filepath.Join(cache, "*", string(product)))
	if err != nil {
		return err
	}
	age := map[string]int64{}
	for _, path := range all {
		info, err := os.Stat(path)
		if err != nil {
			return err
		}
		age[path] = -info.ModTime().UnixNano()
	}
	slices.SortFunc(all, func(a, b string) int { return cmp.Compare(age[a], age[b]) })
	for _, path := range all[min(keep, len(all)):] {
		if err := os.RemoveAll(filepath.Dir(path)); err != nil {
			return err
		}
	}
	return nil
}
