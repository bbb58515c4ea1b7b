package main

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"time"
)

// Sizes of the part of the web site.
const (
	siteKubes    = 1000
	siteReleases = 3
	siteChanged  = 20
)

// sitePart measures the web site, and its search.
type sitePart struct{ *bench }

func (b sitePart) measure(ctx context.Context) error {
	b.begin(siteTitle, "Times of publishing are CPU. Times in the browser are those of one Chromium, from pages over http on the same machine, without gzip.")
	if err := b.publishing(ctx); err != nil {
		return err
	}
	return b.browser(ctx)
}

// publishing measures what the web site adds to publishing a packages folder.
func (b sitePart) publishing(ctx context.Context) error {
	pkgs, err := b.generate(ctx, siteKubes, 0)
	if err != nil {
		return err
	}
	later, err := b.generate(ctx, siteKubes, siteChanged)
	if err != nil {
		return err
	}
	drawn, err := b.publishReleases(ctx, "drawn", pkgs, later)
	if err != nil {
		return err
	}
	bare, err := b.publishReleases(ctx, "bare", pkgs, later, "--no-site")
	if err != nil {
		return err
	}
	b.add(row{
		fmt.Sprintf("`kpm-indexer build` / the same with `--no-site`, %d Kubes, %d releases of each", siteKubes, siteReleases),
		seconds(drawn.all), seconds(bare.all), ratio(drawn.all, bare.all), "≤ 2",
	})
	b.add(row{
		fmt.Sprintf("`kpm-indexer build`, %d of %d Kubes with %d releases changed / all of it", siteChanged, siteKubes, siteReleases),
		seconds(drawn.few), seconds(drawn.all), ratio(drawn.few, drawn.all), "≤ 0.1",
	})
	return nil
}

// published is the CPU time of publishing every release of all, and then of few.
type published struct{ all, few time.Duration }

func (b sitePart) publishReleases(ctx context.Context, name string, pkgs, later []pkg, flags ...string) (published, error) {
	dir := filepath.Join(b.dir, "site-"+name)
	packages, keys, site := filepath.Join(dir, "packages"), filepath.Join(dir, "keys"), filepath.Join(dir, "site")
	if _, err := once(ctx, command{args: []string{b.indexerB, "trust", "init", "--out", keys, "--name", "bench"}}); err != nil {
		return published{}, err
	}
	build := append([]string{b.indexerB, "build", "--packages", packages, "--out", site, "--key", filepath.Join(keys, "index.key"), "--resolve-images=never"}, flags...)
	publish := func(list []pkg, more ...string) (time.Duration, error) {
		if err := writeKubes(packages, list); err != nil {
			return 0, err
		}
		u, err := once(ctx, command{args: append(slices.Clone(build), more...)})
		return u.cpu, err
	}
	var out published
	list := slices.Clone(pkgs)
	for n := range siteReleases {
		for i := range list {
			list[i].Version = fmt.Sprintf("1.%d.0", n)
		}
		var first []string
		if n == 0 {
			first = []string{"--first", "--trust", keys}
		}
		cpu, err := publish(list, first...)
		if err != nil {
			return published{}, err
		}
		out.all += cpu
	}
	for i := range list {
		if later[i].Version != pkgs[i].Version {
			list[i].Version = fmt.Sprintf("1.%d.0", siteReleases)
		}
	}
	var err error
	out.few, err = publish(list)
	return out, err
}
