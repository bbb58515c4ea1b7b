package registrytest

import (
	"math/rand"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/partial"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// Platforms are those of Index.
var Platforms = []string{"linux/amd64", "linux/arm64", "linux/arm/v7", "linux/ppc64le", "linux/s390x", "windows/amd64"}

// Image is an image of random layers of that many bytes each; the same seed gives the
// same image.
func Image(t testing.TB, seed int64, layers int, size int64) v1.Image {
	t.Helper()
	image, err := random.Image(size, int64(layers), random.WithSource(rand.NewSource(seed)))
	if err != nil {
		t.Fatal(err)
	}
	return image
}

// Index is an image for each platform of Platforms.
func Index(t testing.TB, seed int64) v1.ImageIndex {
	t.Helper()
	index := mutate.IndexMediaType(empty.Index, types.OCIImageIndex)
	for i, text := range Platforms {
		platform, err := v1.ParsePlatform(text)
		if err != nil {
			t.Fatal(err)
		}
		index = mutate.AppendManifests(index, mutate.IndexAddendum{
			Add:        Image(t, seed*100+int64(i), 2, 512),
			Descriptor: v1.Descriptor{Platform: platform},
		})
	}
	return index
}

// Push puts an image or an index under a reference, with tr where that is not nil, and
// gives its digest.
func Push(t testing.TB, ref string, what remote.Taggable, options ...remote.Option) string {
	t.Helper()
	at, err := name.ParseReference(ref, name.WeakValidation)
	if err != nil {
		t.Fatal(err)
	}
	if err := remote.Push(at, what, options...); err != nil {
		t.Fatal(err)
	}
	raw, err := partial.Descriptor(what.(partial.Describable))
	if err != nil {
		t.Fatal(err)
	}
	return raw.Digest.String()
}

// Sign puts an image that refers to the one of that digest beside it, and gives its
// digest.
func Sign(t testing.TB, repository, digest string, options ...remote.Option) string {
	t.Helper()
	at, err := name.NewDigest(repository + "@" + digest)
	if err != nil {
		t.Fatal(err)
	}
	subject, err := remote.Head(at, options...)
	if err != nil {
		t.Fatal(err)
	}
	signature := mutate.Subject(mutate.MediaType(Image(t, int64(len(digest))+1, 1, 64), types.OCIManifestSchema1), *subject).(v1.Image)
	hash, err := signature.Digest()
	if err != nil {
		t.Fatal(err)
	}
	return Push(t, repository+"@"+hash.String(), signature, options...)
}

// Tag is the tag that cosign gives to the signature of a digest.
func Tag(digest, suffix string) string { return strings.Replace(digest, ":", "-", 1) + suffix }
