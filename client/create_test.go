package client

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/kube"
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
	if _, err := Create(filepath.Dir(dir), "Mine"); !errors.As(err, new(*UsageError)) {
		t.Errorf("a bad name: got %v, want a *UsageError", err)
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
	write(t, filepath.Join(dir, "K3.yaml"), "name: mine\n")
	if _, _, err := Package(t.Context(), dir, out); !errors.As(err, new(kube.Problems)) {
		t.Errorf("a Kube with faults: got %v, want kube.Problems", err)
	}
}
