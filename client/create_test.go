package client

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kpm-sh/kpm/internal/errcode"
	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/sharedtest"
)

// A Kube that was just created passes lint without a finding.
func TestCreate(t *testing.T) {
	dir, err := Create(t.TempDir(), "mine")
	must(t, err)
	k, problems, err := Lint(t.Context(), dir)
	if err != nil || len(problems) > 0 || k.Name != "mine" {
		t.Errorf("got %v, %v, %v", k.Name, problems, err)
	}
	if _, err := Create(filepath.Dir(dir), "mine"); !errors.Is(err, fs.ErrExist) {
		t.Errorf("creating it twice: got %v, want ErrExist", err)
	}
	if _, err := Create(filepath.Dir(dir), "Mine"); !errcode.Has(err, errcode.Usage) {
		t.Errorf("a bad name: got %v, want USAGE", err)
	}
}

func TestPackage(t *testing.T) {
	dir, err := Create(t.TempDir(), "mine")
	must(t, err)
	out := t.TempDir()
	path, ref, err := Package(t.Context(), dir, out)
	must(t, err)
	data, err := os.ReadFile(path)
	must(t, err)
	if ref != index.RefOf(data) || filepath.Base(path) != "mine-0.1.0.tgz" {
		t.Errorf("got %s, %v", path, ref)
	}
	if _, err := kube.Unpack(bytes.NewReader(data), "mine", "0.1.0"); err != nil {
		t.Error(err)
	}
	meta, err := os.ReadFile(filepath.Join(dir, "K3.yaml"))
	must(t, err)
	meta = append(meta, "images:\n"...)
	for i := range 1200 {
		meta = fmt.Appendf(meta, "- registry.example.org/number-%d:1.0\n", i)
	}
	sharedtest.Write(t, filepath.Join(dir, "K3.yaml"), string(meta))
	if _, _, err := Package(t.Context(), dir, out); err == nil || !strings.Contains(err.Error(), "writing the record of mine") {
		t.Errorf("a Kube of which no line can hold the images: got %v", err)
	}
	sharedtest.Write(t, filepath.Join(dir, "K3.yaml"), "name: mine\n")
	if _, _, err := Package(t.Context(), dir, out); !errors.As(err, new(kube.Problems)) {
		t.Errorf("a Kube with faults: got %v, want kube.Problems", err)
	}
}
