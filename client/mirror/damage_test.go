package mirror_test

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"

	"github.com/kpm-sh/kpm/client/mirror"
	"github.com/kpm-sh/kpm/internal/errcode"
	"github.com/kpm-sh/kpm/internal/fetch"
	"github.com/kpm-sh/kpm/internal/images/registry"
	"github.com/kpm-sh/kpm/internal/images/registrytest"
	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/trust"
)

// findings are what is wrong with the mirror, a line each.
func (k *kit) findings() string {
	k.t.Helper()
	v, err := mirror.Verify(k.t.Context(), k.dir, nil)
	if err != nil {
		k.t.Fatal(err)
	}
	return strings.Join(v.Findings, "\n")
}

// listed changes what index.json of the images lists, in its order: app/list, app/one.
func (k *imageKit) listed(change func(all []map[string]any) []map[string]any) {
	k.t.Helper()
	at := filepath.Join(k.dir, "images", "index.json")
	data, err := os.ReadFile(at)
	if err != nil {
		k.t.Fatal(err)
	}
	var index map[string]any
	if err := json.Unmarshal(data, &index); err != nil {
		k.t.Fatal(err)
	}
	var all []map[string]any
	for _, entry := range index["manifests"].([]any) {
		all = append(all, entry.(map[string]any))
	}
	index["manifests"] = change(all)
	if data, err = json.Marshal(index); err == nil {
		err = os.WriteFile(at, data, 0o644)
	}
	if err != nil {
		k.t.Fatal(err)
	}
}

// TestVerifyMissesImages: verify knows from the documents which images there have to be,
// and under which names.
func TestVerifyMissesImages(t *testing.T) {
	for name, c := range map[string]struct {
		damage func(k *imageKit)
		want   []string
	}{
		"an entry": {func(k *imageKit) {
			k.listed(func(all []map[string]any) []map[string]any { return all[1:] })
		}, []string{"/app/list:1@"}},
		"an entry without a digest": {func(k *imageKit) {
			k.listed(func(all []map[string]any) []map[string]any { return all[:1] })
		}, []string{"/app/one:1 is not listed"}},
		"another digest": {func(k *imageKit) {
			k.listed(func(all []map[string]any) []map[string]any {
				all[0]["digest"], all[0]["size"] = all[1]["digest"], all[1]["size"]
				return all
			})
		}, []string{"/app/list:1@"}},
		"another digest under the tag": {func(k *imageKit) {
			k.listed(func(all []map[string]any) []map[string]any {
				tagless := map[string]any{"annotations": map[string]any{"kpm.sh/repository": k.fake.Host + "/app/list"}}
				for _, key := range []string{"mediaType", "digest", "size"} {
					tagless[key] = all[0][key]
					all[0][key] = all[1][key]
				}
				return append(all, tagless)
			})
		}, []string{"is listed with " + "sha256:"}},
		"all": {func(k *imageKit) {
			if err := os.RemoveAll(filepath.Join(k.dir, "images")); err != nil {
				k.t.Fatal(err)
			}
		}, []string{"/app/list:1@", "/app/one:1 is not listed"}},
		"the list": {func(k *imageKit) {
			if err := os.WriteFile(filepath.Join(k.dir, "images", "index.json"), []byte("{"), 0o644); err != nil {
				k.t.Fatal(err)
			}
		}, []string{"reading index.json of the images"}},
		"the marker": {func(k *imageKit) {
			if err := os.Remove(filepath.Join(k.dir, "images", "oci-layout")); err != nil {
				k.t.Fatal(err)
			}
		}, []string{"oci-layout of the images is not there"}},
	} {
		t.Run(name, func(t *testing.T) {
			k := newImageKit(t)
			if _, err := k.mirror("linux/amd64"); err != nil {
				t.Fatal(err)
			}
			k.verify()
			c.damage(k)
			found := k.findings()
			for _, want := range c.want {
				if !strings.Contains(found, want) {
					t.Errorf("found %q, want %q", found, want)
				}
			}
			if _, err := k.mirror("linux/amd64"); err != nil { // it heals
				t.Fatal(err)
			}
			k.verify()
		})
	}
}

// TestVerifyOfPartWithImages: images of what was left out are not missed.
func TestVerifyOfPartWithImages(t *testing.T) {
	k := newImageKit(t)
	k.publish("2.0.0", index.Image{Ref: k.fake.Host + "/app/none:1"})
	o := k.options()
	o.Images, o.Only = registry.New(registry.Options{Fetch: fetch.Options{Pause: time.Millisecond}, Keychain: authn.NewMultiKeychain()}), []string{"web@1.0.0"}
	if _, err := mirror.Run(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	k.verify()
}

// TestImageNotHad: an image that is missing, wants a login or has other bytes says nothing
// of the repository; verify names it until a run has it.
func TestImageNotHad(t *testing.T) {
	for name, c := range map[string]struct {
		answer func(w http.ResponseWriter)
		code   errcode.Code
	}{
		"missing": {func(w http.ResponseWriter) { w.WriteHeader(http.StatusNotFound) }, errcode.NoImage},
		"login":   {func(w http.ResponseWriter) { w.WriteHeader(http.StatusUnauthorized) }, errcode.RegistryLogin},
		"bytes": {func(w http.ResponseWriter) {
			_, _ = w.Write([]byte(`{"manifests":[]}`)) //nolint:errcheck // the client hangs up
		}, trust.Digest},
	} {
		t.Run(name, func(t *testing.T) {
			k := newImageKit(t)
			k.fake.Misbehave(func(w http.ResponseWriter, r *http.Request) bool {
				if strings.Contains(r.URL.Path, "/app/list/manifests/") {
					c.answer(w)
					return true
				}
				return false
			})
			_, err := k.mirror()
			if !errcode.Has(err, c.code) || strings.Contains(err.Error(), "the index says") || strings.Contains(err.Error(), "https://") {
				t.Errorf("got %v, want %s", err, c.code)
			}
			if said := strings.Join(k.said, "\n"); strings.Contains(said, "the origin changes") {
				t.Errorf("it said %s", said)
			}
			found := k.findings()
			if !strings.Contains(found, "/app/list:1@"+k.list+" could not be had") || strings.Contains(found, "cut short") || strings.Contains(found, "app/one") {
				t.Errorf("found %s", found)
			}
			k.fake.Misbehave(nil)
			if _, err := k.mirror(); err != nil {
				t.Fatal(err)
			}
			k.verify()
		})
	}
}

// TestDryRunOfNoPlatform ends as the run would, and says for which platforms an image is.
func TestDryRunOfNoPlatform(t *testing.T) {
	k := newImageKit(t)
	for _, dry := range []bool{true, false} {
		o := k.options()
		o.Images = registry.New(registry.Options{Fetch: fetch.Options{Pause: time.Millisecond}, Keychain: authn.NewMultiKeychain()})
		o.Platforms, o.DryRun = []string{"plan9/386"}, dry
		_, err := mirror.Run(t.Context(), o)
		has, _ := factOf(err, errcode.NoImage, "platforms").([]string)
		if !errcode.Has(err, errcode.NoImage) || len(has) != len(registrytest.Platforms) {
			t.Errorf("dry %v: %v, it has %v", dry, err, has)
		}
	}
}

// TestPushOfDamage: what is short, changed or missing in the mirror is told as that, not
// as what a registry makes of it.
func TestPushOfDamage(t *testing.T) {
	for what, path := range map[string]func(k *imageKit) string{
		"a manifest":                func(k *imageKit) string { return k.one },
		"a blob":                    func(k *imageKit) string { return k.largest() },
		"a platform's, of an index": func(k *imageKit) string { return k.child() },
	} {
		for how, damage := range map[string]func(at string, data []byte) error{
			"short":   func(at string, data []byte) error { return os.WriteFile(at, data[:len(data)/2], 0o644) },
			"changed": func(at string, data []byte) error { return os.WriteFile(at, append([]byte("X"), data[1:]...), 0o644) },
			"missing": func(at string, _ []byte) error { return os.Remove(at) },
		} {
			t.Run(what+" "+how, func(t *testing.T) {
				k := newImageKit(t)
				if _, err := k.mirror("linux/amd64"); err != nil {
					t.Fatal(err)
				}
				at := filepath.Join(k.dir, "images", "blobs", "sha256", path(k)[7:])
				data, err := os.ReadFile(at)
				if err == nil {
					err = damage(at, data)
				}
				if err != nil {
					t.Fatal(err)
				}
				c := registry.New(registry.Options{Fetch: fetch.Options{Pause: time.Millisecond}, Keychain: authn.NewMultiKeychain()})
				_, err = mirror.Push(t.Context(), k.dir, registrytest.NewFake(t).Host+"/m", "", c, func(string) {})
				if !errcode.Has(err, errcode.DamagedMirror) || !strings.Contains(err.Error(), path(k)) || strings.Contains(err.Error(), "uploads") {
					t.Errorf("got %v", err)
				}
			})
		}
	}
}

// largest is the digest of the largest blob.
func (k *imageKit) largest() string {
	_, one := k.pull(k.fake.Host + "/app/one:1")
	m, err := one.Manifest()
	if err != nil {
		k.t.Fatal(err)
	}
	return m.Layers[0].Digest.String()
}

// child is the digest of a manifest of the index that is mirrored.
func (k *imageKit) child() string {
	list, _ := k.pull(k.fake.Host + "/app/list:1")
	m, err := list.IndexManifest()
	if err != nil {
		k.t.Fatal(err)
	}
	for _, d := range m.Manifests {
		if d.Platform.String() == "linux/amd64" {
			return d.Digest.String()
		}
	}
	k.t.Fatal("no such platform")
	return ""
}
