package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log"
	"math/rand"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	"github.com/kpm-sh/kpm/indexer"
)

// Sizes of the part of mirrors.
const (
	mirrorKubes   = 5000
	mirrorChanged = 20
	imageCount    = 10
	imageLayers   = 4
	layerSize     = 4 << 20
	hugeLayer     = 300 << 20
)

// mirrorPart measures copying a repository, and its images.
type mirrorPart struct{ *bench }

func (b mirrorPart) measure(ctx context.Context) error {
	crane, err := installCrane(ctx)
	if err != nil {
		return err
	}
	b.begin(mirrorTitle, fmt.Sprintf("The peer is crane %s. Images are of %d layers of %d MiB, in one registry on this machine.", craneVersion, imageLayers, layerSize>>20))
	if err := b.again(ctx); err != nil {
		return err
	}
	return b.images(ctx, crane)
}

// again measures a second run, after a few Kubes changed.
func (b mirrorPart) again(ctx context.Context) error {
	m, err := newMirrored(ctx, b.bench, "again")
	if err != nil {
		return err
	}
	for _, changed := range []int{0, mirrorChanged} {
		pkgs, err := b.generate(ctx, mirrorKubes, changed)
		if err != nil {
			return err
		}
		before, err := tree(m.site)
		if err != nil {
			return err
		}
		if err := m.publish(ctx, pkgs); err != nil {
			return err
		}
		if changed == 0 {
			if _, err := once(ctx, m.run()); err != nil {
				return err
			}
			continue
		}
		after, err := tree(m.site)
		if err != nil {
			return err
		}
		m.served.requests.Store(0)
		m.served.bytes.Store(0)
		used, err := once(ctx, m.run())
		if err != nil {
			return err
		}
		m.compare(used, before, after)
	}
	return nil
}

// compare adds the rows of a second run to what it had to fetch.
func (m *mirrored) compare(used usage, before, after map[string]int64) {
	var size, files int64
	for path, n := range after {
		if _, ok := before[path]; !ok {
			size, files = size+n, files+1
		}
	}
	what := fmt.Sprintf("second `kpm mirror` of %d Kubes with %d changed", mirrorKubes, mirrorChanged)
	bytes, requests := m.served.bytes.Load(), m.served.requests.Load()
	m.add(row{what + ", bytes / bytes of what changed", fmt.Sprintf("%d kB", bytes>>10), fmt.Sprintf("%d kB", size>>10), fmt.Sprintf("%.2f", float64(bytes)/float64(size)), "≤ 1.1"})
	m.add(row{what + ", requests / files that changed, and 4", fmt.Sprint(requests), fmt.Sprint(files + 4), fmt.Sprintf("%.2f", float64(requests)/float64(files+4)), "≤ 1"})
	m.add(row{what + ", CPU", seconds(used.cpu), "", "", "≤ 1 s"})
}

// images measures ten images beside crane, and the memory that a huge layer takes.
func (b mirrorPart) images(ctx context.Context, crane string) error {
	served, err := serve(ctx, registry.New(registry.Logger(log.New(io.Discard, "", 0)), registry.WithReferrersSupport(true)))
	if err != nil {
		return err
	}
	host := strings.TrimPrefix(served.url, "http://")
	small, err := push(host, imageCount, imageLayers, layerSize)
	if err != nil {
		return err
	}
	huge, err := push(host+"/huge", 1, 1, hugeLayer)
	if err != nil {
		return err
	}
	m, err := newMirrored(ctx, b.bench, "images")
	if err != nil {
		return err
	}
	if err := m.publishImages(ctx, small); err != nil {
		return err
	}
	away := filepath.Join(b.dir, "crane-images")
	ours := m.run("--images")
	if _, err := once(ctx, ours); err != nil { // the site is there
		return err
	}
	ours.before = func() error { return os.RemoveAll(filepath.Join(m.dst, "images")) }
	pull := slices.Concat([]string{crane, "pull", "--format=oci"}, small, []string{away})
	clear := func() error { return os.RemoveAll(away) }
	all, err := race(ctx, b.runs, ours, command{args: pull, before: clear},
		command{args: slices.Concat([]string{"sh", "-c", `"$@" && find "$0" -type f -exec sync {} +`, away}, pull), before: clear})
	if err != nil {
		return err
	}
	b.add(row{fmt.Sprintf("`kpm mirror --images` of %d images / `crane pull --format=oci`, wall", imageCount), seconds(all[0].wall), seconds(all[1].wall), ratio(all[0].wall, all[1].wall), "≤ 1.0"})
	b.add(row{"the same, crane with a sync of each file behind it", seconds(all[0].wall), seconds(all[2].wall), ratio(all[0].wall, all[2].wall), ""})
	b.add(row{"the same, CPU", seconds(all[0].cpu), seconds(all[1].cpu), ratio(all[0].cpu, all[1].cpu), ""})
	large, err := newMirrored(ctx, b.bench, "huge")
	if err != nil {
		return err
	}
	if err := large.publishImages(ctx, huge); err != nil {
		return err
	}
	used, err := once(ctx, large.run("--images"))
	if err != nil {
		return err
	}
	b.add(row{fmt.Sprintf("peak memory of `kpm mirror --images`, a layer of %d MiB", hugeLayer>>20), fmt.Sprintf("%d MB", used.peak>>20), "", "", "≤ 100 MB"})
	return nil
}

// push puts random images into a registry, and gives their references.
func push(at string, n, layers int, size int64) ([]string, error) {
	var refs []string
	for i := range n {
		image, err := random.Image(size, int64(layers), random.WithSource(rand.NewSource(int64(i)+size)))
		if err != nil {
			return nil, err
		}
		ref, err := name.ParseReference(fmt.Sprintf("%s/app%d:1", at, i))
		if err != nil {
			return nil, err
		}
		if err := remote.Write(ref, image); err != nil {
			return nil, err
		}
		refs = append(refs, ref.String())
	}
	return refs, nil
}

// mirrored is a repository that is served, and the folder that it is mirrored to.
type mirrored struct {
	*bench
	packages, keys, site, dst string
	pin                       string
	served                    *counted
}

var pinForm = regexp.MustCompile(`1@sha256:[0-9a-f]{64}`)

func newMirrored(ctx context.Context, b *bench, called string) (*mirrored, error) {
	dir := filepath.Join(b.dir, "mirror-"+called)
	m := &mirrored{bench: b, packages: filepath.Join(dir, "packages"), keys: filepath.Join(dir, "keys"), site: filepath.Join(dir, "site"), dst: filepath.Join(dir, "dst")}
	if err := os.MkdirAll(m.site, 0o755); err != nil {
		return nil, err
	}
	said, err := exec.CommandContext(ctx, b.indexerB, "trust", "init", "--out", m.keys, "--name", "bench").CombinedOutput()
	if err != nil {
		return nil, err
	}
	if m.pin = string(pinForm.Find(said)); m.pin == "" {
		return nil, errors.New("kpm-indexer trust init prints no pin")
	}
	root, err := os.OpenRoot(m.site)
	if err != nil {
		return nil, err
	}
	m.served, err = serve(ctx, indexer.Handler(root))
	return m, err
}

func (m *mirrored) run(more ...string) command {
	return command{args: append([]string{m.kpm, "mirror", m.served.url, m.dst, "--trust", m.pin}, more...), env: []string{"KPM_HOME=" + filepath.Join(m.dir, "home")}}
}

func (m *mirrored) publish(ctx context.Context, pkgs []pkg) error {
	if err := writeKubes(m.packages, pkgs); err != nil {
		return err
	}
	return m.build(ctx, "never")
}

func (m *mirrored) publishImages(ctx context.Context, refs []string) error {
	pods := ""
	for i, ref := range refs {
		pods += fmt.Sprintf("---\napiVersion: v1\nkind: Pod\nmetadata: {name: p%d}\nspec: {containers: [{name: a, image: %q}]}\n", i, ref)
	}
	for path, text := range map[string]string{"K3.yaml": "name: many\nversion: 1.0.0\ndescription: images\n", "manifests/a.yaml": pods} {
		if err := writeFile(filepath.Join(m.packages, "many", path), []byte(text)); err != nil {
			return err
		}
	}
	return m.build(ctx, "require")
}

func (m *mirrored) build(ctx context.Context, resolve string) error {
	args := []string{"build", "--packages", m.packages, "--out", m.site, "--key", filepath.Join(m.keys, "index.key"), "--resolve-images=" + resolve}
	if _, err := os.Stat(filepath.Join(m.site, "v1")); err != nil {
		args = append(args, "--first", "--trust", m.keys)
	}
	return run(ctx, "", nil, m.indexerB, args...)
}

// tree is the size of each file below a folder; one that was written anew has another
// name in it.
func tree(dir string) (map[string]int64, error) {
	all := map[string]int64{}
	err := filepath.WalkDir(dir, func(at string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasPrefix(d.Name(), ".") {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		all[fmt.Sprintf("%s %d", at, info.ModTime().UnixNano())] = info.Size()
		return nil
	})
	return all, err
}
