package mirror_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/validate"

	"github.com/kpm-sh/kpm/client/mirror"
	"github.com/kpm-sh/kpm/internal/fetch"
	"github.com/kpm-sh/kpm/internal/images"
	"github.com/kpm-sh/kpm/internal/images/layout"
	"github.com/kpm-sh/kpm/internal/images/registry"
	"github.com/kpm-sh/kpm/internal/images/registrytest"
	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/sitetest"
)

// imageKit is a kit whose Kube web has images.
type imageKit struct {
	*kit
	fake      *registrytest.Fake
	list, one string // digests
}

func newImageKit(t *testing.T) *imageKit {
	k := &imageKit{kit: newKit(t), fake: registrytest.NewFake(t)}
	k.list = registrytest.Push(t, k.fake.Host+"/app/list:1", registrytest.Index(t, 1))
	k.one = registrytest.Push(t, k.fake.Host+"/app/one:1", registrytest.Image(t, 2, 3, 1000))
	web := sitetest.Release("web", "1.0.0")
	web.Change = func(r *index.Release) {
		r.Images = []index.Image{{Ref: k.fake.Host + "/app/list:1", Digest: k.list}, {Ref: k.fake.Host + "/app/one:1"}}
	}
	k.site.Publish(web)
	k.fake.Misbehave(nil)
	return k
}

func (k *imageKit) mirror(platforms ...string) (*mirror.Result, error) {
	o := k.options()
	o.Images = registry.New(registry.Options{Fetch: fetch.Options{Pause: time.Millisecond}, Keychain: authn.NewMultiKeychain()})
	o.Platforms = platforms
	return mirror.Run(k.t.Context(), o)
}

// serve shows the layout as a registry and gives its address.
func (k *imageKit) serve() string {
	k.t.Helper()
	root, err := os.OpenRoot(filepath.Join(k.dir, "images"))
	if err != nil {
		k.t.Fatal(err)
	}
	server := httptest.NewServer(layout.Handler(root))
	k.t.Cleanup(server.Close)
	return strings.TrimPrefix(server.URL, "http://")
}

func (k *imageKit) pull(ref string) (v1.ImageIndex, v1.Image) {
	k.t.Helper()
	at, err := name.ParseReference(ref)
	if err != nil {
		k.t.Fatal(err)
	}
	got, err := remote.Get(at)
	if err != nil {
		k.t.Fatal(err)
	}
	if got.MediaType.IsIndex() {
		index, err := got.ImageIndex()
		if err != nil {
			k.t.Fatal(err)
		}
		return index, nil
	}
	image, err := got.Image()
	if err != nil {
		k.t.Fatal(err)
	}
	return nil, image
}

// TestImages: every image in an OCI layout, by digest, each blob once; served, it is
// pulled by any client, by digest, by tag, and below a prefix.
func TestImages(t *testing.T) {
	k := newImageKit(t)
	signature := registrytest.Sign(t, k.fake.Host+"/app/one", k.one)
	registrytest.Push(t, k.fake.Host+"/app/list:"+registrytest.Tag(k.list, ".sig"), registrytest.Image(t, 9, 1, 10))
	res, err := k.mirror()
	if err != nil || res.Images != 2 {
		t.Fatalf("%+v, %v", res, err)
	}
	k.verify()
	host, below := k.serve(), images.Below(k.fake.Host)
	list, _ := k.pull(host + "/some/prefix/" + below + "/app/list@" + k.list)
	children, err := list.IndexManifest()
	if err != nil || len(children.Manifests) != len(registrytest.Platforms) {
		t.Fatalf("%+v, %v", children, err)
	}
	for _, d := range children.Manifests {
		image, err := list.Image(d.Digest)
		if err == nil {
			err = validate.Image(image)
		}
		if err != nil {
			t.Errorf("%s: %v", d.Platform, err)
		}
	}
	_, one := k.pull(host + "/" + below + "/app/one:1")
	if err := validate.Image(one); err != nil {
		t.Error(err)
	}
	if digest, err := one.Digest(); err != nil || digest.String() != k.one {
		t.Errorf("the tag leads to %s, want %s (%v)", digest, k.one, err)
	}
	at, err := name.NewDigest(host + "/" + below + "/app/one@" + k.one)
	if err != nil {
		t.Fatal(err)
	}
	refers, err := remote.Referrers(at)
	if err != nil {
		t.Fatal(err)
	}
	manifest, err := refers.IndexManifest()
	if err != nil || len(manifest.Manifests) != 1 || manifest.Manifests[0].Digest.String() != signature {
		t.Errorf("what refers to it: %+v, %v", manifest, err)
	}
	k.pull(host + "/" + below + "/app/list:" + registrytest.Tag(k.list, ".sig"))
	k.fake.Misbehave(nil)
	res, err = k.mirror()
	if err != nil || res.Images != 0 {
		t.Errorf("a second run copied %+v, %v", res, err)
	}
	for _, asked := range k.fake.Requests() {
		if strings.Contains(asked, "/blobs/") {
			t.Errorf("it asked again: %s", asked)
		}
	}
}

// TestMirrorOfContainerd: the `?ns=` spelling, ranges, HEAD, tags; nothing can be written,
// and no path leads out.
func TestMirrorOfContainerd(t *testing.T) {
	k := newImageKit(t)
	if _, err := k.mirror(); err != nil {
		t.Fatal(err)
	}
	base := "http://" + k.serve()
	for _, c := range []struct {
		method, path, ranges string
		status               int
		holds                string
	}{
		{"GET", "/v2/", "", 200, "{}"},
		{"HEAD", "/v2/app/one/manifests/1?ns=" + k.fake.Host, "", 200, ""},
		{"GET", "/v2/app/one/tags/list?ns=" + k.fake.Host, "", 200, `"tags":["1"]`},
		{"GET", "/v2/app/one/manifests/" + k.one, "bytes=0-9", 206, `{`},
		{"GET", "/v2/app/one/blobs/" + k.one, "bytes=5-", 206, "config"},
		{"GET", "/v2/app/one/manifests/2?ns=" + k.fake.Host, "", 404, "MANIFEST_UNKNOWN"},
		{"GET", "/v2/app/other/tags/list", "", 404, "NAME_UNKNOWN"},
		{"GET", "/v2/app/one/blobs/sha256:..%2f..%2fmirror.json", "", 404, ""},
		{"GET", "/v2/app/one/blobs/" + strings.Replace(k.one, "sha256:", "sha256:0", 1), "", 404, ""},
		{"PUT", "/v2/app/one/manifests/1", "", 405, "read-only"},
		{"POST", "/v2/app/one/blobs/uploads/", "", 405, "read-only"},
	} {
		req, err := http.NewRequestWithContext(t.Context(), c.method, base+c.path, nil)
		if err != nil {
			t.Fatal(err)
		}
		if c.ranges != "" {
			req.Header.Set("Range", c.ranges)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close() //nolint:errcheck // read
		if resp.StatusCode != c.status || !strings.Contains(string(body), c.holds) || err != nil {
			t.Errorf("%s %s %s: %d %s", c.method, c.path, c.ranges, resp.StatusCode, body)
		}
	}
}

// TestPlatforms: with --platform the layout holds the index as signed and only those
// platforms' manifests.
func TestPlatforms(t *testing.T) {
	k := newImageKit(t)
	if _, err := k.mirror("linux/amd64", "linux/arm"); err != nil {
		t.Fatal(err)
	}
	k.verify()
	list, _ := k.pull(k.serve() + "/" + images.Below(k.fake.Host) + "/app/list@" + k.list)
	manifest, err := list.IndexManifest()
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range manifest.Manifests {
		image, err := list.Image(d.Digest)
		if err == nil {
			_, err = image.RawManifest()
		}
		if there := err == nil; there != (d.Platform.Architecture == "amd64" && d.Platform.OS == "linux" || d.Platform.Architecture == "arm") {
			t.Errorf("%s is there: %v (%v)", d.Platform, there, err)
		}
	}
	if _, err := k.mirror("plan9/386"); err == nil || !strings.Contains(err.Error(), "is for none of plan9/386") {
		t.Errorf("of a platform that no image is for: %v", err)
	}
}

// TestMovedTag: a tag that moves between two runs changes nothing that was published, and
// is told; where nothing was published it is followed.
func TestMovedTag(t *testing.T) {
	k := newImageKit(t)
	if _, err := k.mirror(); err != nil {
		t.Fatal(err)
	}
	registrytest.Push(t, k.fake.Host+"/app/list:1", registrytest.Index(t, 3))
	moved := registrytest.Push(t, k.fake.Host+"/app/one:1", registrytest.Image(t, 4, 1, 10))
	if _, err := k.mirror(); err != nil {
		t.Fatal(err)
	}
	k.verify()
	if said := strings.Join(k.said, "\n"); !strings.Contains(said, "what was published, "+k.list+", is mirrored") {
		t.Errorf("it said %s", said)
	}
	_, one := k.pull(k.serve() + "/" + images.Below(k.fake.Host) + "/app/one:1")
	if digest, err := one.Digest(); err != nil || digest.String() != moved {
		t.Errorf("the tag leads to %s, want %s (%v)", digest, moved, err)
	}
}

// TestHostileRegistry: a digest that does not fit, and a registry that lies about size:
// none of it is ever in the layout, and what can be had is.
func TestHostileRegistry(t *testing.T) {
	for name, lie := range map[string]func(w http.ResponseWriter, r *http.Request) bool{
		"other bytes": func(w http.ResponseWriter, r *http.Request) bool {
			if strings.Contains(r.URL.Path, "/app/list/blobs/") {
				_, _ = w.Write([]byte("other")) //nolint:errcheck // the client hangs up
				return true
			}
			return false
		},
		"endless": func(w http.ResponseWriter, r *http.Request) bool {
			for i := 0; strings.Contains(r.URL.Path, "/app/list/blobs/"); i++ {
				if _, err := w.Write(make([]byte, 1<<16)); err != nil || i > 1000 {
					return true
				}
			}
			return false
		},
		"other manifest": func(w http.ResponseWriter, r *http.Request) bool {
			if strings.Contains(r.URL.Path, "/app/list/manifests/sha256:") {
				_, _ = w.Write([]byte(`{"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]}`)) //nolint:errcheck // the client hangs up
				return true
			}
			return false
		},
	} {
		t.Run(name, func(t *testing.T) {
			k := newImageKit(t)
			k.fake.Misbehave(lie)
			if _, err := k.mirror(); err == nil || !strings.Contains(err.Error(), "1 of 2 images could not be mirrored") {
				t.Fatalf("got %v", err)
			}
			k.fake.Misbehave(nil)
			_, one := k.pull(k.serve() + "/" + images.Below(k.fake.Host) + "/app/one:1")
			if err := validate.Image(one); err != nil {
				t.Error(err)
			}
			if _, err := k.mirror(); err != nil {
				t.Fatal(err)
			}
			k.verify()
		})
	}
}

// blobs are the files of the layout.
func (k *imageKit) blobs() []string {
	k.t.Helper()
	files, err := os.ReadDir(filepath.Join(k.dir, "images", "blobs", "sha256"))
	if err != nil {
		k.t.Fatal(err)
	}
	var names []string
	for _, f := range files {
		names = append(names, f.Name())
	}
	return names
}

// publish publishes web with these images.
func (k *imageKit) publish(version string, images ...index.Image) {
	k.t.Helper()
	web := sitetest.Release("web", version)
	web.Change = func(r *index.Release) { r.Images = images }
	k.site.Publish(web)
}

// TestUnusedBlobs: what no image needs any more is removed by the run that no longer
// wants it: of another tag, of other platforms, and what downloads left.
func TestUnusedBlobs(t *testing.T) {
	k := newImageKit(t)
	if _, err := k.mirror(); err != nil {
		t.Fatal(err)
	}
	all := len(k.blobs()) // six platforms of four files, their index, and one image of five
	if all != 6*4+1+5 {
		t.Fatalf("%d files", all)
	}
	if err := os.WriteFile(filepath.Join(k.dir, "images", "blobs", "sha256", strings.Repeat("a", 64)+".part"), []byte("half"), 0o644); err != nil {
		t.Fatal(err)
	}
	registrytest.Push(t, k.fake.Host+"/app/one:1", registrytest.Image(t, 4, 1, 10))
	if _, err := k.mirror("linux/amd64"); err != nil {
		t.Fatal(err)
	}
	if got := k.blobs(); len(got) != 4+1+3 {
		t.Errorf("%d files are there: %v", len(got), got)
	}
	k.verify()
	if _, err := k.mirror(); err != nil {
		t.Fatal(err)
	}
	if got := len(k.blobs()); got != 6*4+1+3 {
		t.Errorf("with all platforms again: %d files", got)
	}
	// an image that cannot be had now stays as it is, and nothing is removed
	k.publish("1.1.0", index.Image{Ref: k.fake.Host + "/app/none:1"})
	if _, err := k.mirror("linux/amd64"); err == nil {
		t.Error("an image that is not there was mirrored")
	}
	if got := len(k.blobs()); got != 6*4+1+3 {
		t.Errorf("after a run that failed: %d files", got)
	}
	k.pull(k.serve() + "/" + images.Below(k.fake.Host) + "/app/one:1")
}

// TestTwoDigestsOfATag: two releases that name one tag with two digests have both; the tag
// is the newer release's.
func TestTwoDigestsOfATag(t *testing.T) {
	k := newImageKit(t)
	for i, version := range []string{"1.1.0", "1.2.0", "1.3.0"} {
		k.list = registrytest.Push(t, k.fake.Host+"/app/list:1", registrytest.Index(t, int64(10-i)))
		k.publish(version, index.Image{Ref: k.fake.Host + "/app/list:1", Digest: k.list})
	}
	if _, err := k.mirror(); err != nil {
		t.Fatal(err)
	}
	k.verify()
	entries, err := layout.Layout{Dir: filepath.Join(k.dir, "images")}.Entries()
	if err != nil || len(entries) != 5 {
		t.Errorf("listed are %+v, %v", entries, err)
	}
	at := k.serve() + "/" + images.Below(k.fake.Host) + "/app/list"
	list, _ := k.pull(at + ":1")
	if digest, err := list.Digest(); err != nil || digest.String() != k.list {
		t.Errorf("the tag leads to %s (%v), want %s", digest, err, k.list)
	}
	for _, e := range entries {
		k.pull(at + "@" + e.Digest)
	}
}

// TestDryRunOfImages prints images and bytes, of the platforms alone, and is told how far a
// real run is in the same bytes.
func TestDryRunOfImages(t *testing.T) {
	k := newImageKit(t)
	o := k.options()
	o.Images = registry.New(registry.Options{Fetch: fetch.Options{Pause: time.Millisecond}, Keychain: authn.NewMultiKeychain()})
	o.Platforms, o.DryRun = []string{"linux/amd64"}, true
	would, err := mirror.Run(t.Context(), o)
	if err != nil || would.Images != 2 {
		t.Fatalf("%+v, %v", would, err)
	}
	if _, err := os.Stat(k.dir); err == nil {
		t.Error("a dry run wrote")
	}
	var last mirror.Progress
	o.DryRun, o.Progress = false, func(p mirror.Progress) {
		if p.OfImages == 0 {
			return // files
		}
		if p.Bytes < last.Bytes || p.OfBytes != would.ImageBytes {
			t.Errorf("after %+v came %+v; the dry run said %d", last, p, would.ImageBytes)
		}
		last = p
	}
	did, err := mirror.Run(t.Context(), o)
	if err != nil || did.Images != 2 || did.ImageBytes != would.ImageBytes {
		t.Errorf("%+v, %v; the dry run said %d bytes", did, err, would.ImageBytes)
	}
	if last.Images != 2 || last.Bytes != would.ImageBytes {
		t.Errorf("the last that was told is %+v", last)
	}
	o.DryRun = true
	if again, err := mirror.Run(t.Context(), o); err != nil || again.Images != 0 || again.ImageBytes != 0 {
		t.Errorf("with all there: %+v, %v", again, err)
	}
}

// TestDamagedImages: an index.json or a blob that is damaged is fetched anew.
func TestDamagedImages(t *testing.T) {
	k := newImageKit(t)
	if _, err := k.mirror(); err != nil {
		t.Fatal(err)
	}
	for _, damaged := range []string{"index.json", "blobs/sha256/" + k.list[7:], "blobs/sha256/" + k.one[7:]} {
		if err := os.WriteFile(filepath.Join(k.dir, "images", filepath.FromSlash(damaged)), []byte("damaged"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := k.mirror(); err != nil {
		t.Fatal(err)
	}
	k.verify()
	k.pull(k.serve() + "/" + images.Below(k.fake.Host) + "/app/one:1")
}

// TestTagsByPages: n and last, and where the next page is; who follows has every tag once.
func TestTagsByPages(t *testing.T) {
	k := newImageKit(t)
	var all []index.Image
	for _, tag := range []string{"1", "10", "2", "b", "c"} {
		registrytest.Push(t, k.fake.Host+"/app/one:"+tag, registrytest.Image(t, 2, 3, 1000))
		all = append(all, index.Image{Ref: k.fake.Host + "/app/one:" + tag})
	}
	k.publish("2.0.0", all...)
	if _, err := k.mirror(); err != nil {
		t.Fatal(err)
	}
	base := "http://" + k.serve()
	for query, want := range map[string]struct{ tags, next string }{
		"":            {`["1","10","2","b","c"]`, ""},
		"n=2":         {`["1","10"]`, "last=10&n=2&ns="},
		"n=2&last=10": {`["2","b"]`, "last=b&n=2&ns="},
		"n=2&last=b":  {`["c"]`, ""},
		"last=11":     {`["2","b","c"]`, ""},
		"last=z":      {`[]`, ""},
		"n=0":         {`[]`, ""},
		"n=5":         {`["1","10","2","b","c"]`, ""},
		"n=-1":        {"PAGINATION_NUMBER_INVALID", ""},
		"n=":          {"PAGINATION_NUMBER_INVALID", ""},
	} {
		resp, err := http.Get(base + "/v2/app/one/tags/list?ns=" + k.fake.Host + "&" + query)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close() //nolint:errcheck // read
		link := resp.Header.Get("Link")
		if err != nil || !strings.Contains(string(body), want.tags) || !strings.Contains(link, want.next) || (link == "") != (want.next == "") {
			t.Errorf("%s: %s%s, want %s (%v)", query, body, link, want, err)
		}
	}
	repo, err := name.NewRepository(strings.TrimPrefix(base, "http://") + "/" + images.Below(k.fake.Host) + "/app/one")
	if err != nil {
		t.Fatal(err)
	}
	if tags, err := remote.List(repo, remote.WithPageSize(2)); err != nil || len(tags) != 5 {
		t.Errorf("a client that follows has %v, %v", tags, err)
	}
}
