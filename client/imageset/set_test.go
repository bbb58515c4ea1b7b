package imageset_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kpm-sh/kpm/client/imageset"
	"github.com/kpm-sh/kpm/internal/images"
	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/manifest"
)

// TestPublishedKeepsSorts: that an image was published adds what is known of it, and does
// not make of one that K3.yaml names, or that may be one, one that runs.
func TestPublishedKeepsSorts(t *testing.T) {
	objects, ps := manifest.Decode("a.yaml", []byte(`apiVersion: v1
kind: Pod
metadata: {name: a}
spec:
  containers:
  - {name: a, image: "quay.io/a/runs:1", args: ["--image=quay.io/a/named:1", "--other=quay.io/a/other:1"]}
`))
	if ps.Err() != nil {
		t.Fatal(ps)
	}
	l := imageset.Set{}
	l.Objects("a 1.0.0", objects, []string{"quay.io/a/named:1", "quay.io/a/unseen:1"})
	var published []index.Image
	for _, name := range []string{"runs", "named", "unseen", "other"} {
		published = append(published, index.Image{Ref: "quay.io/a/" + name + ":1", Digest: "sha256:aa"})
	}
	l.Published("a 1.0.0", published)
	got := map[string]images.Sort{}
	for _, image := range l.Sorted() {
		got[image.Ref] = image.Sort
		if image.Digest == "" {
			t.Errorf("%s has no digest", image.Ref)
		}
	}
	want := map[string]images.Sort{
		"quay.io/a/runs:1": images.Container, "quay.io/a/named:1": images.Named, "quay.io/a/unseen:1": images.Named, "quay.io/a/other:1": images.Possible,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
