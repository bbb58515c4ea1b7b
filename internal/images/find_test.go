package images_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kpm-sh/kpm/internal/images"
	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/manifest"
	"github.com/kpm-sh/kpm/internal/render"
	"github.com/kpm-sh/kpm/internal/sharedtest"
)

var update = flag.Bool("update", false, "write the lists of images")

// TestPlaces reads objects and says where each names an image; testdata/places has a
// case a file.
func TestPlaces(t *testing.T) {
	sharedtest.Fixtures(t, "places", func(t *testing.T, files map[string][]byte) string {
		objects, ps := manifest.Decode("a.yaml", files["a.yaml"])
		if ps.Err() != nil {
			t.Fatal(ps)
		}
		var out strings.Builder
		for _, o := range objects {
			for _, p := range images.Places(o, strings.Fields(string(files["named"]))) {
				fmt.Fprintf(&out, "%s %s %s %s\n", o, p.Sort, p.Pointer, p.Ref)
			}
		}
		return out.String()
	})
}

// TestOwnKubes: all of packages/, the list of images equals a golden file that a reader can judge.
func TestOwnKubes(t *testing.T) {
	compareLists(t, "own.txt", filepath.Join("..", "..", "packages"), "[a-z]*")
}

// TestCorpus is the same of packages that other people wrote.
func TestCorpus(t *testing.T) {
	compareLists(t, "corpus.txt", sharedtest.Path(t, "corpus"), "classic/packages/*", "jinja/packages/*", "modern/packages/*", "upgrade-chain/*/packages/*")
}

// TestNamedInCorpus: kube-prometheus passes an image as an argument and in custom
// resources, cloudnative-pg in env: once K3.yaml names them they are rewritten, and
// nothing else of the texts.
func TestNamedInCorpus(t *testing.T) {
	for dir, want := range map[string]string{
		"modern/packages/kube-prometheus":          "--prometheus-config-reloader=m.corp/quay.io/prometheus-operator/prometheus-config-reloader:v0.93.1",
		"upgrade-chain/05/packages/cloudnative-pg": "m.corp/ghcr.io/cloudnative-pg/cloudnative-pg:1.30.0",
	} {
		k, _ := kube.ReadDir(os.DirFS(filepath.Join(sharedtest.Path(t, "corpus"), filepath.FromSlash(dir))), "")
		if k == nil {
			t.Fatalf("%s is no Kube", dir)
		}
		found, rewritten := 0, false
		for _, f := range k.Manifests() {
			objects, _ := manifest.Decode(f.Path, f.Data)
			for _, o := range objects {
				var named []string
				for _, p := range images.Places(o, nil) {
					if p.Sort == images.Possible {
						named = append(named, p.Ref)
						found++
					}
				}
				got, err := images.Rewrite(o, named, func(text string) (string, error) {
					ref, err := images.Parse(text)
					if err != nil {
						return "", err
					}
					return ref.Under("m.corp", "")
				})
				if err != nil {
					t.Fatal(err)
				}
				for _, p := range images.Places(got, nil) {
					if !strings.HasPrefix(p.Ref, "m.corp/") {
						t.Errorf("%s %s is still %s", o, p.Pointer, p.Ref)
					}
				}
				text := fmt.Sprint(got.Value["spec"])
				rewritten = rewritten || strings.Contains(text, want+" ") || strings.Contains(text, want+"]")
			}
		}
		if found == 0 || !rewritten {
			t.Errorf("%s: %d named, %s is not there", dir, found, want)
		}
	}
}

func compareLists(t *testing.T, golden, root string, patterns ...string) {
	t.Helper()
	var list strings.Builder
	for _, pattern := range patterns {
		dirs, err := filepath.Glob(filepath.Join(root, pattern, kube.MetaPath))
		if err != nil || len(dirs) == 0 {
			t.Fatalf("%s: %d folders, %v", pattern, len(dirs), err)
		}
		for _, dir := range dirs {
			listImages(t, &list, root, filepath.Dir(dir))
		}
	}
	golden = filepath.Join("testdata", golden)
	if *update {
		if err := os.WriteFile(golden, []byte(list.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(list.String(), "\n")); diff != "" {
		t.Errorf("images (-want +got):\n%s", diff)
	}
}

// listImages writes a line a place: Kube, sort, object, pointer, normalised reference.
func listImages(t *testing.T, list *strings.Builder, root, dir string) {
	t.Helper()
	rel, err := filepath.Rel(root, dir)
	if err != nil {
		t.Fatal(err)
	}
	k, _ := kube.ReadDir(os.DirFS(dir), "")
	if k == nil {
		fmt.Fprintf(list, "%s: no Kube\n", filepath.ToSlash(rel))
		return
	}
	defaults, _ := render.Defaults(k)
	files, err := render.Render(t.Context(), k, defaults.Values, render.Options{Lenient: true})
	if err != nil {
		fmt.Fprintf(list, "%s: some templates give nothing with the default values alone\n", filepath.ToSlash(rel))
	}
	for _, f := range files {
		objects, _ := manifest.Decode(f.Path, f.Data)
		for _, o := range objects {
			for _, p := range images.Places(o, k.Images) {
				text := p.Ref
				if ref, err := images.Parse(p.Ref); err == nil {
					text = ref.String()
				} else {
					text += " (no reference)"
				}
				fmt.Fprintf(list, "%s: %-9s %s %s %s\n", filepath.ToSlash(rel), p.Sort, o, p.Pointer, text)
			}
		}
	}
}
