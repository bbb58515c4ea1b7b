// Command kinds writes ../kinds/kinds.txt.gz: the kinds of Kubernetes, their fields,
// and which versions of the server have them.
//
//	go run ./kinds            # again, from the versions that the file was made of
//	go run ./kinds 1.38.1     # with one more, or with another patch of a minor
//
// It reads the OpenAPI documents in the modules k8s.io/kubernetes, and in those of
// k8s.io/api of the same minors which words an enumeration has and when a kind goes.
// The form of what it writes is that of package internal/kinds.
package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// out is where the table lies, from the folder of this module.
const out = "../kinds/kinds.txt.gz"

// earlier are the modules that say what became of kinds which no server of the
// table has any more: later ones have dropped their types.
var earlier = []string{
	"k8s.io/api@v0.21.14", "k8s.io/api@v0.24.17", "k8s.io/apiextensions-apiserver@v0.21.14", "k8s.io/kube-aggregator@v0.21.14",
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "kinds:", err)
		os.Exit(1)
	}
}

func run(more []string) error {
	versions, err := versions(more)
	if err != nil {
		return err
	}
	t := newTable()
	for _, m := range earlier {
		dir, err := module(m)
		if err != nil {
			return err
		}
		if err := t.lifecycles(dir); err != nil {
			return err
		}
	}
	for _, v := range versions {
		if err := t.read(v); err != nil {
			return fmt.Errorf("reading Kubernetes %s: %w", v, err)
		}
	}
	var text bytes.Buffer
	fmt.Fprintf(&text, "# Kubernetes %s\n", strings.Join(versions, " "))
	t.write(&text)
	return store(text.Bytes())
}

// store compresses the table, always to the same bytes.
func store(text []byte) error {
	var packed bytes.Buffer
	z, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err != nil {
		return err
	}
	if _, err := z.Write(text); err != nil {
		return err
	}
	if err := z.Close(); err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "kinds: %d bytes, %d compressed\n", len(text), packed.Len())
	return os.WriteFile(out, packed.Bytes(), 0o644)
}

// versions are those of the table that is there, and more: one a minor, ascending.
func versions(more []string) ([]string, error) {
	var all []string
	if f, err := os.Open(out); err == nil {
		defer f.Close()
		z, err := gzip.NewReader(f)
		if err != nil {
			return nil, err
		}
		text, err := io.ReadAll(z)
		if err != nil {
			return nil, err
		}
		first, _, _ := strings.Cut(string(text), "\n")
		all = strings.Fields(first)[2:]
	}
	byMinor := map[int]string{}
	for _, v := range append(all, more...) {
		m := regexp.MustCompile(`^1\.(\d+)\.\d+$`).FindStringSubmatch(v)
		if m == nil {
			return nil, fmt.Errorf("%q is no version such as 1.38.1", v)
		}
		byMinor[minorOf(v)] = v
	}
	var out []string
	for _, v := range byMinor {
		out = append(out, v)
	}
	slices.SortFunc(out, func(a, b string) int { return minorOf(a) - minorOf(b) })
	return out, nil
}

func minorOf(version string) int {
	n, _ := strconv.Atoi(strings.Split(version, ".")[1]) //nolint:errcheck // its form was checked
	return n
}

// module downloads a module and gives its folder.
func module(at string) (string, error) {
	cmd := exec.Command("go", "mod", "download", "-json", at)
	cmd.Stderr = os.Stderr
	said, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("downloading %s: %w", at, err)
	}
	var m struct{ Dir string }
	err = json.Unmarshal(said, &m)
	return m.Dir, err
}

// read adds one version of Kubernetes.
func (t *table) read(version string) error {
	minor := minorOf(version)
	t.minors = append(t.minors, minor)
	dir, err := module("k8s.io/kubernetes@v" + version)
	if err != nil {
		return err
	}
	api, err := module("k8s.io/api@v0" + strings.TrimPrefix(version, "1"))
	if err != nil {
		return err
	}
	if err := t.lifecycles(api); err != nil {
		return err
	}
	enums, err := readEnums(api)
	if err != nil {
		return err
	}
	files, err := filepath.Glob(filepath.Join(dir, "api", "openapi-spec", "v3", "*_openapi.json"))
	if err != nil || len(files) < 20 {
		return fmt.Errorf("%d OpenAPI documents: %w", len(files), err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		var doc document
		if err := json.Unmarshal(data, &doc); err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		t.document(doc, minor, enums)
	}
	return nil
}
