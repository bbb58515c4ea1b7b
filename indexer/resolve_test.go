package indexer_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-containerregistry/pkg/authn"

	"github.com/kpm-sh/kpm/indexer"
	"github.com/kpm-sh/kpm/internal/fetch"
	"github.com/kpm-sh/kpm/internal/images/registry"
	"github.com/kpm-sh/kpm/internal/images/registrytest"
)

// TestImagesAreResolvedOnce: images of a release are resolved once, when it is first
// published, never again, so a moved tag changes nothing published.
func TestImagesAreResolvedOnce(t *testing.T) {
	fake := registrytest.NewFake(t)
	k := newKit(t)
	for i, ref := range []string{fake.Host + "/list:1", fake.Host + "/gone:1", "127.0.0.1:1/away:1"} {
		k.write(fmt.Sprintf("packages/pony/manifests/pod%d.yaml", i), fmt.Sprintf("apiVersion: v1\nkind: Pod\nmetadata: {name: p%d}\nspec:\n  containers: [{name: a, image: %q}]\n", i, ref))
	}
	want := registrytest.Push(t, fake.Host+"/list:1", registrytest.Index(t, 1))
	client := registry.New(registry.Options{Fetch: fetch.Options{Pause: time.Millisecond}, Keychain: authn.NewMultiKeychain()})

	o := k.options()
	o.First, o.Trust, o.Images, o.RequireImages = true, k.trust, client, true
	if _, err := indexer.Publish(t.Context(), o); err == nil || !strings.Contains(err.Error(), "cannot be resolved") {
		t.Fatalf("with an image that is not there: %v", err)
	}
	o.RequireImages = false
	res, err := indexer.Publish(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	warned := strings.Join(res.Warnings, "\n")
	for _, part := range []string{fake.Host + "/gone:1", "registry 127.0.0.1:1 cannot be reached"} {
		if !strings.Contains(warned, part) {
			t.Errorf("no warning says %q: %s", part, warned)
		}
	}
	before := k.releasesOf("pony")
	release := before.Releases[0]
	if len(release.Images) != 3 {
		t.Fatalf("images are %+v", release.Images)
	}
	for _, image := range release.Images {
		if (image.Ref == fake.Host+"/list:1") != (image.Digest == want && len(image.Platforms) == 6) {
			t.Errorf("got %+v", image)
		}
	}

	registrytest.Push(t, fake.Host+"/list:1", registrytest.Index(t, 2))
	fake.Misbehave(func(http.ResponseWriter, *http.Request) bool { return false })
	o = k.options()
	o.Images = client
	if _, err := indexer.Publish(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, k.releasesOf("pony")); diff != "" || len(fake.Requests()) > 0 {
		t.Errorf("what was published changed (-was +is), after %v:\n%s", fake.Requests(), diff)
	}
}

// TestLoginOfARegistry: a registry that is there and asks who we are does not let a release
// be published without digests, as it would stay without them; who resolves nothing is not
// asked.
func TestLoginOfARegistry(t *testing.T) {
	fake := registrytest.NewFake(t)
	fake.Misbehave(func(w http.ResponseWriter, _ *http.Request) bool {
		w.Header().Set("WWW-Authenticate", `Basic realm="test"`)
		w.WriteHeader(http.StatusUnauthorized)
		return true
	})
	k := newKit(t)
	k.write("packages/pony/manifests/pod.yaml", fmt.Sprintf("apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers: [{name: a, image: %q}]\n", fake.Host+"/private:1"))
	o := k.options()
	o.First, o.Trust = true, k.trust
	o.Images = registry.New(registry.Options{Fetch: fetch.Options{Pause: time.Millisecond}, Keychain: authn.NewMultiKeychain()})
	if _, err := indexer.Publish(t.Context(), o); err == nil || !strings.Contains(err.Error(), fake.Host+"/private:1 cannot be resolved") {
		t.Fatalf("got %v", err)
	}
	o.Images = nil
	if _, err := indexer.Publish(t.Context(), o); err != nil {
		t.Fatal(err)
	}
}
