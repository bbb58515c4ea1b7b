package kube

import (
	"testing"
	"testing/fstest"
)

func TestExampleIsFaultless(t *testing.T) {
	files, err := Example("my-web")
	if err != nil {
		t.Fatal(err)
	}
	dir := fstest.MapFS{}
	for _, f := range files {
		dir[f.Path] = &fstest.MapFile{Data: f.Data, Mode: 0o644}
	}
	k, ps := ReadDir(dir, "my-web")
	if len(ps) > 0 {
		t.Error(ps)
	}
	if len(k.Manifests()) != 3 {
		t.Errorf("got %d manifests, want 3", len(k.Manifests()))
	}
	if _, err := Example("No Name"); err == nil {
		t.Error("an odd name was taken")
	}
}
