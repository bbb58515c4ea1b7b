// Command build builds kpm-cluster into the user's cache, unless it is there, and
// prints its path. The first build of a machine compiles a whole Kubernetes: six
// minutes on two cores, three gigabytes of memory and of disk.
//
// With -have it builds nothing, and prints nothing where there is no binary.
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

// keep is how many binaries stay in the cache: those of other checkouts, too.
const keep = 3

func main() {
	have := flag.Bool("have", false, "build nothing")
	flag.Parse()
	path, err := build(*have)
	if err != nil {
		fmt.Fprintf(os.Stderr, "building kpm-cluster: %v\n", err)
		os.Exit(1)
	}
	if path != "" {
		fmt.Println(path)
	}
}

func build(have bool) (string, error) {
	if runtime.GOOS != "linux" {
		return "", fmt.Errorf("it needs the network namespaces of Linux, not %s", runtime.GOOS)
	}
	root, err := built.Root()
	if err != nil {
		return "", err
	}
	path, err := built.Path(root)
	if err != nil {
		return "", err
	}
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	if have {
		return "", nil
	}
	fmt.Fprintln(os.Stderr, "---> Building kpm-cluster; the first time this takes minutes")
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return "", err
	}
	partial := fmt.Sprintf("%s.%d", path, os.Getpid())
	defer os.Remove(partial) //nolint:errcheck // it is gone after a success
	cmd := exec.Command("go", append(append([]string{"build", "-o", partial}, built.Flags()...), "./kpm-cluster")...)
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
	if err := cmd.Run(); err != nil {
		return "", err
	}
	if err := os.Rename(partial, path); err != nil {
		return "", err
	}
	return path, prune(filepath.Dir(filepath.Dir(path)))
}

// prune removes all but the newest binaries.
func prune(cache string) error {
	binaries, err := filepath.Glob(filepath.Join(cache, "*", "kpm-cluster"))
	if err != nil {
		return err
	}
	age := map[string]int64{}
	for _, b := range binaries {
		info, err := os.Stat(b)
		if err != nil {
			return err
		}
		age[b] = -info.ModTime().UnixNano()
	}
	slices.SortFunc(binaries, func(a, b string) int { return cmp.Compare(age[a], age[b]) })
	for _, b := range binaries[min(keep, len(binaries)):] {
		if err := os.RemoveAll(filepath.Dir(b)); err != nil {
			return err
		}
	}
	return nil
}
