package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/kpm-sh/kpm/internal/kube"
)

// Sizes of the indexer's part. Packaging a chart costs Helm the same each time,
// so a part of them is packaged and the time multiplied.
const (
	kubes      = 5000
	helmCharts = 250
)

// indexerPart measures publishing a packages folder.
type indexerPart struct{ *bench }

func (b indexerPart) measure(ctx context.Context) error {
	pkgs, err := b.generate(ctx, kubes, 0)
	if err != nil {
		return err
	}
	dir := filepath.Join(b.dir, "packages")
	if err := writeKubes(dir, pkgs); err != nil {
		return err
	}
	keys, site := filepath.Join(b.dir, "keys"), filepath.Join(b.dir, "site")
	if _, err := once(ctx, command{args: []string{b.indexerB, "trust", "init", "--out", keys, "--name", "bench"}}); err != nil {
		return err
	}
	build := []string{b.indexerB, "build", "--packages", dir, "--out", site, "--key", filepath.Join(keys, "index.key"), "--resolve-images=never"}
	cold, err := once(ctx, command{args: append(slices.Clone(build), "--first", "--trust", keys)})
	if err != nil {
		return err
	}
	peer, err := b.helmPackage(ctx, pkgs[:helmCharts])
	if err != nil {
		return err
	}
	b.add(row{
		fmt.Sprintf("`kpm-indexer build`, %d Kubes / `helm package` each and `helm repo index`", kubes), seconds(cold.cpu),
		fmt.Sprintf("%s (%d charts, × %d)", seconds(peer), helmCharts, kubes/helmCharts), ratio(cold.cpu, peer), "≤ 0.2",
	})
	b.add(row{fmt.Sprintf("peak memory of `kpm-indexer build`, %d Kubes", kubes), fmt.Sprintf("%d MB", cold.peak>>20), "", "", "≤ 256 MiB"})
	if pkgs, err = b.generate(ctx, kubes, 20); err != nil {
		return err
	}
	if err := writeKubes(dir, pkgs); err != nil {
		return err
	}
	warm, err := once(ctx, command{args: build})
	if err != nil {
		return err
	}
	b.add(row{fmt.Sprintf("`kpm-indexer build`, 20 of %d changed / cold", kubes), seconds(warm.cpu), seconds(cold.cpu), ratio(warm.cpu, cold.cpu), "≤ 0.07"})
	// The cold build gets faster, too; Helm's time stands still.
	b.add(row{fmt.Sprintf("`kpm-indexer build`, 20 of %d changed / `helm package` each and `helm repo index`", kubes), seconds(warm.cpu), seconds(peer), ratio(warm.cpu, peer), "≤ 0.016"})
	return nil
}

// writeKubes writes each package as a Kube with the objects of the example.
func writeKubes(dir string, pkgs []pkg) error {
	for _, p := range pkgs {
		files, err := kube.Example(p.Name)
		if err != nil {
			return err
		}
		for _, f := range files {
			if f.Path == kube.MetaPath {
				f.Data = meta(p)
			}
			if err := writeFile(filepath.Join(dir, p.Name, filepath.FromSlash(f.Path)), f.Data); err != nil {
				return err
			}
		}
	}
	return nil
}

func meta(p pkg) []byte {
	b := fmt.Appendf(nil, "name: %s\nversion: %s\ndescription: %q\nhome: %s\nkeywords: [%s]\ndetails: %q\nmaintainers:\n", p.Name, p.Version, p.Description, p.Home, strings.Join(p.Keywords, ", "), p.Details)
	for _, m := range p.Maintainers {
		b = fmt.Appendf(b, "  - %s <%s@example.org>\n", m, m)
	}
	return b
}

func writeFile(path string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, data, 0o644)
}

// helmPackage packages the same Kubes as charts and indexes them; the time is
// that of all Kubes.
func (b indexerPart) helmPackage(ctx context.Context, pkgs []pkg) (time.Duration, error) {
	src, out := filepath.Join(b.dir, "charts"), filepath.Join(b.dir, "charts-out")
	if err := os.MkdirAll(out, 0o755); err != nil {
		return 0, err
	}
	var total time.Duration
	for _, p := range pkgs {
		chart := filepath.Join(src, p.Name)
		files, err := kube.Example(p.Name)
		if err != nil {
			return 0, err
		}
		for _, f := range files {
			path := filepath.Join(chart, "templates", filepath.Base(f.Path))
			if f.Path == kube.MetaPath {
				path = filepath.Join(chart, "Chart.yaml")
				f.Data = fmt.Appendf(nil, "apiVersion: v2\nname: %s\nversion: %s\ndescription: %q\nhome: %s\nkeywords: [%s]\n", p.Name, p.Version, p.Description, p.Home, strings.Join(p.Keywords, ", "))
			}
			if err := writeFile(path, f.Data); err != nil {
				return 0, err
			}
		}
		u, err := once(ctx, command{args: []string{b.helm, "package", chart, "-d", out}})
		if err != nil {
			return 0, err
		}
		total += u.cpu
	}
	u, err := once(ctx, command{args: []string{b.helm, "repo", "index", out}})
	return (total + u.cpu) * time.Duration(kubes/len(pkgs)), err
}
