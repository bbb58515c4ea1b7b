package registry_test

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-containerregistry/pkg/authn"

	"github.com/kpm-sh/kpm/internal/fetch"
	"github.com/kpm-sh/kpm/internal/images"
	"github.com/kpm-sh/kpm/internal/images/registry"
	"github.com/kpm-sh/kpm/internal/images/registrytest"
	"github.com/kpm-sh/kpm/internal/index"
)

// nobody is the keychain of somebody without credentials.
func client() *registry.Client {
	return registry.New(registry.Options{Fetch: fetch.Options{Pause: time.Millisecond}, Keychain: authn.NewMultiKeychain()})
}

func parse(t *testing.T, text string) images.Ref {
	t.Helper()
	ref, err := images.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return ref
}

// TestResolve: digests and platforms of a manifest list with six platforms, and of an
// image that is none.
func TestResolve(t *testing.T) {
	fake := registrytest.NewFake(t)
	list := registrytest.Push(t, fake.Host+"/a/list:1", registrytest.Index(t, 1))
	one := registrytest.Push(t, fake.Host+"/a/one:1", registrytest.Image(t, 2, 3, 100))
	got, err := client().Resolve(t.Context(), parse(t, fake.Host+"/a/list:1"))
	if err != nil {
		t.Fatal(err)
	}
	if got.Digest != list || len(got.Platforms) != len(registrytest.Platforms) {
		t.Errorf("got %+v, want digest %s and %v", got, list, registrytest.Platforms)
	}
	for _, p := range registrytest.Platforms {
		if !images.ValidDigest(got.Platforms[p]) {
			t.Errorf("%s has digest %q", p, got.Platforms[p])
		}
	}
	got, err = client().Resolve(t.Context(), parse(t, fake.Host+"/a/one:1"))
	if diff := cmp.Diff(index.Image{Ref: fake.Host + "/a/one:1", Digest: one}, got); diff != "" || err != nil {
		t.Errorf("(-want +got):\n%s%v", diff, err)
	}
	if n, err := client().Size(t.Context(), parse(t, fake.Host+"/a/one:1")); err != nil || n < 300 {
		t.Errorf("its size is %d (%v)", n, err)
	}
}

// TestBusy: 429 and 5xx with Retry-After are waited for, a few times.
func TestBusy(t *testing.T) {
	fake := registrytest.NewFake(t)
	want := registrytest.Push(t, fake.Host+"/aa:1", registrytest.Image(t, 1, 1, 10))
	left := 2
	fake.Misbehave(func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.Contains(r.URL.Path, "/manifests/") || left == 0 {
			return false
		}
		left--
		w.Header().Set("Retry-After", "0")
		w.WriteHeader([]int{http.StatusServiceUnavailable, http.StatusTooManyRequests}[left])
		return true
	})
	if got, err := client().Resolve(t.Context(), parse(t, fake.Host+"/aa:1")); err != nil || got.Digest != want {
		t.Errorf("got %v, %v", got, err)
	}
	fake.Misbehave(func(w http.ResponseWriter, _ *http.Request) bool {
		w.WriteHeader(http.StatusServiceUnavailable)
		return true
	})
	if _, err := client().Resolve(t.Context(), parse(t, fake.Host+"/aa:1")); !errors.Is(err, registry.ErrUnreachable) {
		t.Errorf("got %v", err)
	}
}

// TestRefused: what a registry does not give is named with the registry.
func TestRefused(t *testing.T) {
	fake := registrytest.NewFake(t)
	registrytest.Push(t, fake.Host+"/aa:1", registrytest.Image(t, 1, 1, 10))
	for _, c := range []struct {
		name, ref string
		status    int
		want      error
	}{
		{"missing", "/aa:2", 0, registry.ErrNotFound},
		{"login", "/aa:1", http.StatusUnauthorized, registry.ErrUnauthorized},
		{"forbidden", "/aa:1", http.StatusForbidden, registry.ErrUnauthorized},
	} {
		t.Run(c.name, func(t *testing.T) {
			fake.Misbehave(func(w http.ResponseWriter, r *http.Request) bool {
				if c.status != 0 && strings.Contains(r.URL.Path, "/manifests/") {
					w.WriteHeader(c.status)
				}
				return c.status != 0 && strings.Contains(r.URL.Path, "/manifests/")
			})
			_, err := client().Resolve(t.Context(), parse(t, fake.Host+c.ref))
			if !errors.Is(err, c.want) || !strings.Contains(err.Error(), fake.Host) {
				t.Errorf("got %v, want %v", err, c.want)
			}
		})
	}
	_, err := client().Resolve(t.Context(), parse(t, "127.0.0.1:1/a:1"))
	if !errors.Is(err, registry.ErrUnreachable) {
		t.Errorf("nobody listens: %v", err)
	}
}

// TestHostileManifests: a digest that does not fit, and what no manifest is.
func TestHostileManifests(t *testing.T) {
	fake := registrytest.NewFake(t)
	digest := registrytest.Push(t, fake.Host+"/aa:1", registrytest.Image(t, 1, 1, 10))
	for name, body := range map[string]string{
		"other bytes": `{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]}`,
		"no JSON":     `<html>`,
		"huge":        strings.Repeat(" ", images.MaxManifest+1),
		"path":        `{"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"digest":"sha256:../../x","size":1},"layers":[]}`,
		"negative":    `{"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"digest":"` + digest + `","size":-1},"layers":[]}`,
		"helm":        `{"mediaType":"text/html"}`,
	} {
		t.Run(name, func(t *testing.T) {
			fake.Misbehave(func(w http.ResponseWriter, r *http.Request) bool {
				if strings.Contains(r.URL.Path, "/manifests/") {
					_, _ = w.Write([]byte(body)) //nolint:errcheck // the client may hang up
					return true
				}
				return false
			})
			refs := []string{fake.Host + "/aa@" + digest}
			if name != "other bytes" {
				refs = append(refs, fake.Host+"/aa:1")
			}
			for _, ref := range refs {
				if got, err := client().Resolve(t.Context(), parse(t, ref)); err == nil {
					t.Errorf("%s was resolved to %v", ref, got)
				}
			}
		})
	}
}

// TestDownload: a blob that is cut on the way goes on where it was; one of another
// size or digest never appears.
func TestDownload(t *testing.T) {
	fake := registrytest.NewFake(t)
	ref := parse(t, fake.Host+"/aa@"+registrytest.Push(t, fake.Host+"/aa:1", registrytest.Image(t, 1, 1, 100_000)))
	body, _, err := client().Manifest(t.Context(), ref)
	if err != nil {
		t.Fatal(err)
	}
	m, err := images.ParseManifest(body)
	if err != nil {
		t.Fatal(err)
	}
	layer := m.Layers[0]
	file := filepath.Join(t.TempDir(), "blob")
	fake.Misbehave(func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.Contains(r.URL.Path, "/blobs/") || r.Header.Get("Range") != "" {
			return false
		}
		fake.Behave(&registrytest.Cut{ResponseWriter: w, Left: 50_000}, r)
		return true
	})
	if err := download(t, ref, layer, file); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(file)
	if err != nil || "sha256:"+string(index.DigestOf(data)) != layer.Digest {
		t.Errorf("it is not what was pushed: %v", err)
	}
	for name, lie := range map[string]func(*images.Descriptor){
		"size":   func(d *images.Descriptor) { d.Size-- },
		"digest": func(d *images.Descriptor) { d.Digest = m.Config.Digest },
	} {
		wrong := layer
		lie(&wrong)
		file := filepath.Join(t.TempDir(), name)
		if err := download(t, ref, wrong, file); !errors.As(err, new(*index.MismatchError)) {
			t.Errorf("%s: got %v", name, err)
		}
		if _, err := os.Stat(file); err == nil {
			t.Errorf("%s: it is there", name)
		}
	}
}

// TestReferrers: signatures and attestations, from the list of referrers and under the
// tags of cosign.
func TestReferrers(t *testing.T) {
	fake := registrytest.NewFake(t)
	digest := registrytest.Push(t, fake.Host+"/aa:1", registrytest.Image(t, 1, 1, 10))
	want := []string{registrytest.Sign(t, fake.Host+"/aa", digest)}
	registrytest.Push(t, fake.Host+"/aa:"+registrytest.Tag(digest, ".sig"), registrytest.Image(t, 9, 1, 10))
	found, err := client().Referrers(t.Context(), parse(t, fake.Host+"/aa:1"), digest)
	if err != nil || len(found) != 2 {
		t.Fatalf("got %v, %v", found, err)
	}
	var listed, tagged int
	for _, r := range found {
		switch {
		case r.Digest == want[0]:
			listed++
		case r.Tag == registrytest.Tag(digest, ".sig"):
			tagged++
		}
	}
	if listed != 1 || tagged != 1 {
		t.Errorf("got %v", found)
	}
}

// download gets a blob into a file.
func download(t *testing.T, ref images.Ref, d images.Descriptor, file string) error {
	t.Helper()
	got, err := client().Receive(t.Context(), ref, d, file, nil)
	if err != nil {
		return err
	}
	return got.Keep()
}
