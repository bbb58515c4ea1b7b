package kube

import (
	"testing"
	"testing/fstest"
)

func TestExampleIsFaultless(t *testing.T) {
	for _, name := range []string{"y", "on", "null", "123", "0x1f", "1e3"} {
		exampleOf(t, name)
	}
	k := exampleOf(t, "my-web")
	if len(k.Manifests()) != 1 || len(k.Templates()) != 2 || len(k.Tests()) != 1 {
		t.Errorf("got %d manifests, %d templates, %d tests, want 1, 2 and 1", len(k.Manifests()), len(k.Templates()), len(k.Tests()))
	}
	if _, err := Example("No Name"); err == nil {
		t.Error("an odd name was taken")
	}
}

func exampleOf(t *testing.T, name string) *Kube {
	t.Helper()
	files, err := Example(name)
	if err != nil {
		t.Fatal(err)
	}
	dir := fstest.MapFS{}
	for _, f := range files {
		dir[f.Path] = &fstest.MapFile{Data: f.Data, Mode: 0o644}
	}
	k, ps := ReadDir(dir, name)
	if len(ps) > 0 {
		t.Errorf("%s: %v", name, ps)
	}
	return k
}
