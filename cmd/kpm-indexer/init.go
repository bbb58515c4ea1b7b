package main

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/kpm-sh/kpm/indexer"
	"github.com/kpm-sh/kpm/internal/kube"
)

type initCmd struct {
	Dir     string `arg:"" help:"The folder of the packages repository."`
	Name    string `help:"Name of the repository, instead of the folder's."`
	URL     string `default:"https://packages.example.org/" help:"Where the site will be served."`
	Keyless bool   `help:"Its workflow signs without a key, as itself, with Sigstore."`
	Source  string `help:"Where the packages repository is developed, as a browser opens it: the web site links to it."`
}

// Run writes what a packages repository starts with. It replaces no file.
func (c initCmd) Run(_ context.Context, std stdio) error {
	name := c.Name
	if name == "" {
		abs, err := filepath.Abs(c.Dir)
		if err != nil {
			return err
		}
		name = filepath.Base(abs)
	}
	if err := kube.ValidName(name); err != nil {
		return usage("%v; give the repository another name with --name", err)
	}
	if err := indexer.CheckURL(c.URL); err != nil {
		return usage("--url: %v", err)
	}
	if err := indexer.CheckURL(c.Source); c.Source != "" && err != nil {
		return usage("--source: %v", err)
	}
	version := released()
	files, err := indexer.Scaffold(indexer.Config{Name: name, URL: c.URL, Source: c.Source}, version, c.Keyless)
	if err != nil {
		return err
	}
	var fresh []newFile
	for _, f := range files {
		fresh = append(fresh, newFile{filepath.Join(c.Dir, filepath.FromSlash(f.Path)), f.Data, asUsual})
	}
	if err := writeAll(fresh); err != nil {
		return err
	}
	for _, f := range fresh {
		fmt.Fprintln(std.out, f.path)
	}
	if version == "" {
		std.warn("this kpm-indexer is of no release: set KPM_VERSION in %s", filepath.Join(c.Dir, ".github/workflows/publish.yml"))
	}
	if c.Source == "" {
		std.say("Say where the repository is developed once it is somewhere: source: URL in %s", filepath.Join(c.Dir, indexer.ConfigName))
	}
	who := ""
	if c.Keyless {
		who = " --identity SAN --source-repository URL"
	}
	std.say("Next: kpm-indexer trust init --out keys --name %s%s, and what %s says", name, who, filepath.Join(c.Dir, "trust/README.md"))
	return nil
}
