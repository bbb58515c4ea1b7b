package mirror_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/v1/validate"

	"github.com/kpm-sh/kpm/client/mirror"
	"github.com/kpm-sh/kpm/internal/errcode"
	"github.com/kpm-sh/kpm/internal/fetch"
	"github.com/kpm-sh/kpm/internal/images"
	"github.com/kpm-sh/kpm/internal/images/registry"
	"github.com/kpm-sh/kpm/internal/images/registrytest"
	"github.com/kpm-sh/kpm/internal/sitetest"
)

func (k *imageKit) push(to, platform string) *mirror.Pushed {
	k.t.Helper()
	c := registry.New(registry.Options{Fetch: fetch.Options{Pause: time.Millisecond}, Keychain: authn.NewMultiKeychain()})
	res, err := mirror.Push(k.t.Context(), k.dir, to, platform, c, func(text string) { k.said = append(k.said, text) })
	if err != nil {
		k.t.Fatal(err)
	}
	return res
}

// TestPush copies the images into a registry that is there, skipping blobs it has.
func TestPush(t *testing.T) {
	k := newImageKit(t)
	if _, err := k.mirror(); err != nil {
		t.Fatal(err)
	}
	far := registrytest.NewFake(t)
	res := k.push(far.Host+"/mirror", "")
	if res.Images != 2 || res.Blobs == 0 || len(res.Refused) > 0 {
		t.Errorf("%+v", res)
	}
	_, one := k.pull(far.Host + "/mirror/" + images.Below(k.fake.Host) + "/app/one:1")
	if err := validate.Image(one); err != nil {
		t.Error(err)
	}
	if again := k.push(far.Host+"/mirror", ""); again.Blobs != 0 {
		t.Errorf("blobs that were there were sent: %+v", again)
	}
}

// TestPushBroken: a connection that breaks while something is pushed, before the registry
// has it or after, is no end: what is there then is whole.
func TestPushBroken(t *testing.T) {
	k := newImageKit(t)
	if _, err := k.mirror(); err != nil {
		t.Fatal(err)
	}
	for name, broken := range map[string]struct {
		method, path string
		after        bool // it has done what it was asked
	}{
		"asking":                 {http.MethodHead, "/blobs/", false},
		"beginning a blob":       {http.MethodPost, "/blobs/uploads", false},
		"a blob":                 {http.MethodPut, "/blobs/uploads/", false},
		"a blob, the answer":     {http.MethodPut, "/blobs/uploads/", true},
		"a manifest":             {http.MethodPut, "/manifests/", false},
		"a manifest, the answer": {http.MethodPut, "/manifests/", true},
	} {
		t.Run(name, func(t *testing.T) {
			far := registrytest.NewFake(t)
			var mu sync.Mutex
			tries := map[string]int{}
			far.Misbehave(func(w http.ResponseWriter, r *http.Request) bool {
				if r.Method != broken.method || !strings.Contains(r.URL.Path, broken.path) {
					return false
				}
				mu.Lock()
				key := r.URL.Path + r.URL.Query().Get("digest")
				if broken.path == "/blobs/uploads/" {
					key = r.URL.Query().Get("digest")
				}
				tries[key]++
				n := tries[key]
				mu.Unlock()
				if n > 1 {
					return false
				}
				if broken.after {
					far.Behave(httptest.NewRecorder(), r)
				} else if _, err := io.CopyN(io.Discard, r.Body, 1); err != nil && err != io.EOF { //nolint:errorlint // as CopyN gives it
					t.Error(err)
				}
				panic(http.ErrAbortHandler)
			})
			res := k.push(far.Host+"/mirror", "")
			if res.Images != 2 || res.Blobs != 22 || len(res.Refused) > 0 {
				t.Errorf("%+v", res)
			}
			if len(tries) == 0 {
				t.Error("no connection was broken")
			}
			far.Misbehave(nil)
			_, one := k.pull(far.Host + "/mirror/" + images.Below(k.fake.Host) + "/app/one:1")
			if err := validate.Image(one); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestPushOfNothing: a mirror without images, and a folder that is none, are told apart.
func TestPushOfNothing(t *testing.T) {
	k := newKit(t)
	push := func() error {
		_, err := mirror.Push(t.Context(), k.dir, "127.0.0.1:1/m", "", registry.New(registry.Options{}), func(string) {})
		return err
	}
	if err := push(); !errcode.Has(err, errcode.NoSite) {
		t.Errorf("of no mirror: %v", err)
	}
	k.site.Publish(sitetest.Release("web", "1.0.0"))
	if _, err := mirror.Run(t.Context(), k.options()); err != nil {
		t.Fatal(err)
	}
	if err := push(); !errcode.Has(err, errcode.NoImages) || !strings.Contains(err.Error(), k.dir) {
		t.Errorf("of a mirror without images: %v", err)
	}
}

// TestPushOfGaps: a registry that refuses an index with gaps gets each platform's manifest
// by its own digest.
func TestPushOfGaps(t *testing.T) {
	k := newImageKit(t)
	if _, err := k.mirror("linux/amd64"); err != nil {
		t.Fatal(err)
	}
	far := registrytest.NewFake(t)
	res := k.push(far.Host, "")
	if len(res.Refused) != 1 || !strings.Contains(res.Refused[0], "/app/list:1") {
		t.Fatalf("%+v", res)
	}
	if said := strings.Join(k.said, "\n"); !strings.Contains(said, "references by "+k.list+" will not resolve there") {
		t.Errorf("it said %s", said)
	}
	list, _ := k.pull(k.fake.Host + "/app/list:1")
	manifest, err := list.IndexManifest()
	if err != nil {
		t.Fatal(err)
	}
	_, one := k.pull(far.Host + "/" + images.Below(k.fake.Host) + "/app/list@" + manifest.Manifests[0].Digest.String())
	if err := validate.Image(one); err != nil {
		t.Error(err)
	}
}

// TestPinPlatform: where one platform was asked for, its manifest stands for an index that
// the registry refuses, also under the tag; one that the mirror lacks does not.
func TestPinPlatform(t *testing.T) {
	k := newImageKit(t)
	if _, err := k.mirror("linux/amd64"); err != nil {
		t.Fatal(err)
	}
	far := registrytest.NewFake(t)
	if res := k.push(far.Host, "linux/arm64"); len(res.Refused) != 1 || len(res.Pinned) != 0 {
		t.Errorf("of a platform that is not there: %+v", res)
	}
	res := k.push(far.Host, "linux/amd64")
	if len(res.Refused) != 0 || len(res.Pinned) != 1 {
		t.Errorf("%+v", res)
	}
	list, _ := k.pull(k.fake.Host + "/app/list:1")
	manifest, err := list.IndexManifest()
	if err != nil {
		t.Fatal(err)
	}
	_, one := k.pull(far.Host + "/" + images.Below(k.fake.Host) + "/app/list:1")
	if digest, err := one.Digest(); err != nil || digest != manifest.Manifests[0].Digest {
		t.Errorf("the tag leads to %s (%v), want %s", digest, err, manifest.Manifests[0].Digest)
	}
}
