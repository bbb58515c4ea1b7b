// Command images writes an archive of the images that containers of the tests
// run: static programs, each alone in its image.
//
//	images FILE
//
// writes FILE, which "ctr images import" reads. It needs the Go toolchain and
// no network.
package main

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
)

// tags are the images of each program. Two of one program are an old release
// and a new one.
var tags = map[string][]string{
	"pause": {"kpm.sh/e2e/pause:1"},
	"play":  {"kpm.sh/e2e/play:1", "kpm.sh/e2e/play:2"},
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: images FILE")
		os.Exit(2)
	}
	if err := write(os.Args[1]); err != nil {
		fmt.Fprintf(os.Stderr, "images: %v\n", err)
		os.Exit(1)
	}
}

func write(path string) (err error) {
	dir, err := os.MkdirTemp("", "images-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	images := map[name.Tag]v1.Image{}
	for program, all := range tags {
		binary := filepath.Join(dir, program)
		if err := compile(program, binary); err != nil {
			return err
		}
		for _, tag := range all {
			t, err := name.NewTag(tag, name.StrictValidation)
			if err != nil {
				return err
			}
			if images[t], err = image(program, binary, t.TagStr()); err != nil {
				return fmt.Errorf("making image %s: %w", t, err)
			}
		}
	}
	return tarball.MultiWriteToFile(path, images)
}

func compile(program, to string) error {
	cmd := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-o", to, "./images/"+program)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("compiling %s: %w", program, err)
	}
	return nil
}

// image holds a program and nothing else, and runs it. The version is in its
// environment, so that images of one program differ.
func image(program, binary, version string) (v1.Image, error) {
	layer, err := tarball.LayerFromOpener(func() (io.ReadCloser, error) { return pack(program, binary) })
	if err != nil {
		return nil, err
	}
	img, err := mutate.AppendLayers(empty.Image, layer)
	if err != nil {
		return nil, err
	}
	config, err := img.ConfigFile()
	if err != nil {
		return nil, err
	}
	config = config.DeepCopy()
	config.OS, config.Architecture = "linux", runtime.GOARCH
	config.Config = v1.Config{Entrypoint: []string{"/" + program}, Env: []string{"VERSION=" + version}}
	return mutate.ConfigFile(img, config)
}

func pack(program, binary string) (io.ReadCloser, error) {
	text, err := os.ReadFile(binary)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	if err := w.WriteHeader(&tar.Header{Name: program, Mode: 0o755, Size: int64(len(text))}); err != nil {
		return nil, err
	}
	if _, err := w.Write(text); err != nil {
		return nil, err
	}
	return io.NopCloser(&b), w.Close()
}
