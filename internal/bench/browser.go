package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// searchedKubes is the size of the catalog that is searched in the browser.
const searchedKubes = 10000

// browsed is what site/browser/bench.mjs prints, in ms.
type browsed struct {
	Ours, Peer       struct{ First, Longest, Worst float64 }
	Home, Page, List float64
}

// browser measures the pages in Chromium, and its search beside MiniSearch's.
func (b sitePart) browser(ctx context.Context) error {
	for _, program := range []string{"node", "npm", "chromium"} {
		if _, err := exec.LookPath(program); err != nil {
			fmt.Printf("bench: pages in a browser skipped: %s is not installed\n", program)
			return nil
		}
	}
	modules, err := browserModules(ctx)
	if err != nil {
		return err
	}
	pkgs, err := b.generate(ctx, searchedKubes, 0)
	if err != nil {
		return err
	}
	records, err := json.Marshal(searchable(pkgs))
	if err != nil {
		return err
	}
	dir := filepath.Join(b.dir, "browser")
	if err := writeFile(filepath.Join(dir, "records.json"), records); err != nil {
		return err
	}
	packages, keys, site := filepath.Join(dir, "packages"), filepath.Join(dir, "keys"), filepath.Join(dir, "site")
	if err := writeKubes(packages, pkgs); err != nil {
		return err
	}
	for _, args := range [][]string{
		{"trust", "init", "--out", keys, "--name", "bench"},
		{"build", "--packages", packages, "--out", site, "--first", "--trust", keys, "--key", filepath.Join(keys, "index.key"), "--resolve-images=never"},
	} {
		if _, err := once(ctx, command{args: append([]string{b.indexerB}, args...)}); err != nil {
			return err
		}
	}
	cmd := exec.CommandContext(ctx, "node", filepath.Join(modules, "bench.mjs"), site, filepath.Join(dir, "records.json"), fmt.Sprint(b.runs))
	var faults bytes.Buffer
	cmd.Stderr = &faults
	out, err := cmd.Output()
	if err != nil {
		return fmt.Errorf("measuring pages in Chromium: %w\n%s", err, tail(faults.String()))
	}
	var r browsed
	if err := json.Unmarshal(out, &r); err != nil {
		return fmt.Errorf("reading what was measured in Chromium: %w", err)
	}
	b.addBrowsed(r)
	return nil
}

func (b sitePart) addBrowsed(r browsed) {
	text := func(ms float64) string { return fmt.Sprintf("%.0f ms", ms) }
	task := func(ms float64) string {
		if ms == 0 {
			return "below 50 ms"
		}
		return text(ms)
	}
	b.add(row{fmt.Sprintf("from the first key to the first results, %d Kubes / MiniSearch, its index built before", searchedKubes), text(r.Ours.First), text(r.Peer.First), fmt.Sprintf("%.2f", r.Ours.First/r.Peer.First), "≤ 100 ms"})
	b.add(row{fmt.Sprintf("longest task while a name is typed / MiniSearch; in the worst of %d runs", b.runs), task(r.Ours.Longest) + "; " + task(r.Ours.Worst), task(r.Peer.Longest) + "; " + task(r.Peer.Worst), "", "below 50 ms"})
	b.add(row{"largest contentful paint: home, a Kube, the list", text(r.Home) + ", " + text(r.Page) + ", " + text(r.List), "", "", "≤ 1 s"})
}

// searchable are the texts of packages that are searched.
func searchable(pkgs []pkg) []map[string]any {
	var out []map[string]any
	for _, p := range pkgs {
		out = append(out, map[string]any{"name": p.Name, "keywords": p.Keywords, "description": p.Description, "details": p.Details})
	}
	return out
}

// browserModules installs what the browser's tests need into the user's cache.
func browserModules(ctx context.Context) (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	modules := filepath.Join(cache, "kpm-site-test")
	for _, name := range []string{"package.json", "bench.mjs"} {
		data, err := os.ReadFile(filepath.Join("site", "browser", name))
		if err != nil {
			return "", fmt.Errorf("reading the browser's tests: %w; run bench from the root of the project", err)
		}
		if err := writeFile(filepath.Join(modules, name), data); err != nil {
			return "", err
		}
	}
	cmd := exec.CommandContext(ctx, "npm", "install", "--silent", "--no-audit", "--no-fund")
	cmd.Dir = modules
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("installing the browser's tests: %w\n%s", err, tail(string(out)))
	}
	return modules, nil
}
