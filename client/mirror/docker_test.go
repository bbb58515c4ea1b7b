package mirror_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	"github.com/kpm-sh/kpm/client/mirror"
	"github.com/kpm-sh/kpm/internal/fetch"
	"github.com/kpm-sh/kpm/internal/images"
	"github.com/kpm-sh/kpm/internal/images/registry"
	"github.com/kpm-sh/kpm/internal/images/registrytest"
	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/sitetest"
)

// keychain knows one user.
type keychain struct{ authn.AuthConfig }

func (k keychain) Resolve(authn.Resource) (authn.Authenticator, error) {
	return authn.FromConfig(k.AuthConfig), nil
}

// TestDockerRegistry: Debian's docker-registry with TLS, a password and tokens: images
// are mirrored from it and pushed into it; it refuses an index with gaps.
func TestDockerRegistry(t *testing.T) {
	for _, auth := range []string{"basic", "token"} {
		t.Run(auth, func(t *testing.T) {
			near, far := registrytest.NewDocker(t, auth), registrytest.NewDocker(t, auth)
			user := authn.AuthConfig{Username: registrytest.User, Password: registrytest.Password}
			as := []remote.Option{remote.WithTransport(near.Transport()), remote.WithAuth(authn.FromConfig(user))}
			k := newKit(t)
			list := registrytest.Push(t, near.Host+"/app/list:1", registrytest.Index(t, 1), as...)
			web := sitetest.Release("web", "1.0.0")
			web.Change = func(r *index.Release) { r.Images = []index.Image{{Ref: near.Host + "/app/list:1", Digest: list}} }
			k.site.Publish(web)

			run := func(user authn.AuthConfig, platforms ...string) error {
				o := k.options()
				o.Images, o.Platforms = registry.New(registry.Options{Fetch: fetch.Options{Roots: near.Roots, Pause: time.Millisecond}, Keychain: keychain{user}}), platforms
				_, err := mirror.Run(t.Context(), o)
				return err
			}
			if err := run(authn.AuthConfig{Username: registrytest.User, Password: "wrong"}); !errors.Is(err, registry.ErrUnauthorized) || !strings.Contains(err.Error(), near.Host) {
				t.Errorf("with another password: %v", err)
			}
			if err := run(user, "linux/amd64"); err != nil {
				t.Fatal(err)
			}
			k.verify()
			push := func(platform string) *mirror.Pushed {
				c := registry.New(registry.Options{Fetch: fetch.Options{Roots: far.Roots, Pause: time.Millisecond}, Keychain: keychain{user}})
				res, err := mirror.Push(t.Context(), k.dir, far.Host+"/m", platform, c, func(string) {})
				if err != nil {
					t.Fatal(err)
				}
				return res
			}
			if res := push(""); len(res.Refused) != 1 || res.Blobs != 3 {
				t.Errorf("with one platform: %+v", res)
			}
			if res := push("linux/amd64"); len(res.Refused) != 0 || len(res.Pinned) != 1 {
				t.Errorf("with that platform in its place: %+v", res)
			}
			if err := run(user); err != nil {
				t.Fatal(err)
			}
			k.verify()
			if res := push(""); len(res.Refused) != 0 || res.Blobs != 15 {
				t.Errorf("with all platforms: %+v", res)
			}
			if res := push(""); res.Blobs != 0 {
				t.Errorf("what was there was sent again: %+v", res)
			}
		})
	}
}

// layerSize is that of the layer that is cut on its way.
func layerSize() int64 {
	if os.Getenv("KPM_SOAK") != "" {
		return 300 << 20
	}
	return 12 << 20
}

// TestDockerInBadWeather: Debian's docker-registry, and a way to it that breaks: a layer is
// cut three times, comes and goes on each time where it was; pauses are kept; a tag that
// moves changes nothing that was published; other bytes and other sizes are never taken;
// what breaks while it is pushed is pushed again.
func TestDockerInBadWeather(t *testing.T) {
	docker := registrytest.NewDocker(t, "")
	near, far := docker.Front(t), registrytest.NewDocker(t, "").Front(t)
	client := func() *registry.Client {
		return registry.New(registry.Options{Fetch: fetch.Options{Pause: time.Millisecond}, Keychain: authn.NewMultiKeychain()})
	}
	layer := bytes.Repeat([]byte("0123456789abcde\n"), int(layerSize()/16))
	ref, digest := pushPlain(t, client(), near.Host+"/app/huge:1", layer)
	k := newKit(t)
	web := sitetest.Release("web", "1.0.0")
	web.Change = func(r *index.Release) { r.Images = []index.Image{{Ref: ref.Name() + ":1", Digest: digest}} }
	k.site.Publish(web)
	run := func() error {
		o := k.options()
		o.Images = client()
		_, err := mirror.Run(t.Context(), o)
		return err
	}
	blob := "/blobs/sha256:" + string(index.DigestOf(layer))

	for name, lie := range map[string]func(w http.ResponseWriter, r *http.Request) bool{
		"other bytes": func(w http.ResponseWriter, _ *http.Request) bool {
			_, _ = w.Write(bytes.Repeat([]byte("?"), len(layer)))
			return true
		},
		"less than it says": func(w http.ResponseWriter, _ *http.Request) bool {
			w.Header().Set("Content-Length", strconv.Itoa(len(layer)-1))
			_, _ = w.Write(layer[1:])
			return true
		},
		"more": func(w http.ResponseWriter, _ *http.Request) bool {
			w.Header().Set("Content-Length", strconv.Itoa(len(layer)+1))
			_, _ = w.Write(append([]byte("+"), layer...))
			return true
		},
	} {
		near.Misbehave(func(w http.ResponseWriter, r *http.Request) bool {
			return strings.Contains(r.URL.Path, blob) && lie(w, r)
		})
		if err := run(); !errors.As(err, new(*index.MismatchError)) {
			t.Fatalf("%s: %v", name, err)
		}
		if _, err := os.Stat(filepath.Join(k.dir, "images", filepath.FromSlash(strings.Replace(blob, ":", "/", 1)))); err == nil {
			t.Errorf("%s: it is there", name)
		}
	}

	var cuts, busy atomic.Int64
	var asked []string
	near.Misbehave(func(w http.ResponseWriter, r *http.Request) bool {
		switch {
		case strings.Contains(r.URL.Path, "/manifests/") && busy.Add(1) == 1:
			w.Header().Set("Retry-After", "1")
			w.WriteHeader(http.StatusTooManyRequests)
			return true
		case strings.Contains(r.URL.Path, blob):
			asked = append(asked, r.Header.Get("Range"))
			if cuts.Add(1) <= 3 {
				near.Behave(&registrytest.Cut{ResponseWriter: w, Left: len(layer) / 5}, r)
			}
		}
		return false
	})
	if err := run(); err != nil {
		t.Fatal(err)
	}
	k.verify()
	if len(asked) != 4 || asked[0] != "" || asked[1] == "" || asked[2] <= asked[1] && len(asked[2]) == len(asked[1]) || asked[3] == "" {
		t.Errorf("the layer was asked for so: %q", asked)
	}

	near.Misbehave(nil)
	if _, moved := pushPlain(t, client(), near.Host+"/app/huge:1", []byte("another")); moved == digest {
		t.Fatal("the tag did not move")
	}
	if err := run(); err != nil {
		t.Fatal(err)
	}
	k.verify()
	if said := strings.Join(k.said, "\n"); !strings.Contains(said, "what was published, "+digest+", is mirrored") {
		t.Errorf("it said %s", said)
	}

	cuts.Store(0)
	far.Misbehave(func(_ http.ResponseWriter, r *http.Request) bool {
		if r.Method != http.MethodPut || r.ContentLength < layerSize() || cuts.Add(1) > 2 {
			return false
		}
		r.Body = http.MaxBytesReader(nil, r.Body, layerSize()/2) // the other half never comes
		far.Behave(httptest.NewRecorder(), r)
		panic(http.ErrAbortHandler)
	})
	res, err := mirror.Push(t.Context(), k.dir, far.Host+"/m", "", client(), func(string) {})
	if err != nil || res.Blobs != 2 || cuts.Load() != 3 {
		t.Fatalf("%+v, %v, after %d tries", res, err, cuts.Load())
	}
	far.Misbehave(nil)
	if n, err := client().Size(t.Context(), images.Ref{Host: far.Host, Path: "m/" + images.Below(ref.Name()), Tag: "1"}); err != nil || n < layerSize() {
		t.Errorf("%d bytes are there, %v", n, err)
	}
}

// pushPlain pushes an image of one layer, and gives its digest.
func pushPlain(t *testing.T, c *registry.Client, at string, layer []byte) (ref images.Ref, digest string) {
	t.Helper()
	ref, err := images.Parse(at)
	if err != nil {
		t.Fatal(err)
	}
	blob := func(data []byte, mediaType string) images.Descriptor {
		d := images.Descriptor{MediaType: mediaType, Digest: "sha256:" + string(index.DigestOf(data)), Size: int64(len(data))}
		if _, err := c.PutBlob(t.Context(), ref, d, func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil }); err != nil {
			t.Fatal(err)
		}
		return d
	}
	const config = `{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]}}`
	body, err := json.Marshal(map[string]any{
		"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json", "config": blob([]byte(config), "application/vnd.oci.image.config.v1+json"),
		"layers": []images.Descriptor{blob(layer, "application/vnd.oci.image.layer.v1.tar")},
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.PutManifest(t.Context(), ref, "application/vnd.oci.image.manifest.v1+json", body); err != nil {
		t.Fatal(err)
	}
	return ref, "sha256:" + string(index.DigestOf(body))
}
