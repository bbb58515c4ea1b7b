package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"time"

	"github.com/kpm-sh/kpm/indexer"
	"github.com/kpm-sh/kpm/internal/errcode"
	"github.com/kpm-sh/kpm/internal/fetch"
	"github.com/kpm-sh/kpm/internal/images/registry"
	"github.com/kpm-sh/kpm/internal/inputfile"
	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/trust"
	"github.com/kpm-sh/kpm/internal/words"
)

// packagesFlag is shared by the commands that read a packages folder.
type packagesFlag struct {
	Packages string `default:"packages" placeholder:"DIR" help:"The packages folder."`
}

// open gives the folder, which must be there, and the settings beside it.
func (p packagesFlag) open() (fs.FS, indexer.Config, error) {
	info, err := os.Stat(p.Packages)
	if err != nil {
		return nil, indexer.Config{}, fmt.Errorf("reading the packages folder: %w; name it with --packages", err)
	}
	if !info.IsDir() {
		return nil, indexer.Config{}, usage("%s is not a folder", p.Packages)
	}
	dir, err := filepath.Abs(p.Packages)
	if err != nil {
		return nil, indexer.Config{}, err
	}
	c, err := readConfig(filepath.Join(filepath.Dir(dir), indexer.ConfigName))
	return inputfile.FS(p.Packages), c, err
}

func readConfig(path string) (indexer.Config, error) {
	data, err := inputfile.Read(path, inputfile.MaxValues)
	if errors.Is(err, fs.ErrNotExist) {
		return indexer.Config{}, nil
	}
	if err != nil {
		return indexer.Config{}, fmt.Errorf("reading %s: %w", path, err)
	}
	return indexer.ParseConfig(data)
}

type buildCmd struct {
	packagesFlag
	signFlags
	Out      string `required:"" placeholder:"SITE" help:"The site to publish into."`
	Trust    string `placeholder:"DIR" help:"Folder of trust documents 1.json, 2.json …; needed with --first."`
	Name     string `help:"Signed name of the repository; must be that of the trust documents."`
	First    bool   `help:"Start a repository: nothing is published yet."`
	Previous string `placeholder:"URL|DIR" help:"Where what is published is read from, instead of SITE."`
	AtLeast  int64  `placeholder:"SEQ" help:"Refuse when less than this is published."`
	lifeFlag
	Evidence      []string `placeholder:"DIR" sep:"none" help:"Folder of test results to sign, as kpm-indexer test writes them; repeat it for more."`
	ResolveImages string   `enum:"auto,require,never" default:"auto" placeholder:"HOW" help:"Ask registries for the digests of images of new releases: auto publishes those without whose registry is away or lacks them, and refuses where it asks for a login; require refuses all that cannot be had."`
	KeepGoing     bool     `help:"Publish what can be; refused Kubes keep what they had published, and the exit code is 1."`
	NoReleases    bool     `help:"Release nothing new, as where what would be was not checked or tested: recalls and the head go out. New releases count as refused, as with --keep-going."`
	NoSite        bool     `help:"Draw no web site; the pages of the publish before are removed."`
}

// lifeFlag is shared by the commands that sign a head.
type lifeFlag struct {
	ExpiresIn *time.Duration `placeholder:"DURATION" help:"How long clients may rely on the head (default 336h, at most 840h)."`
}

// life is how long the head lives: what the flag says, else what the settings
// beside the packages folder say, if anything.
func (l lifeFlag) life(settings time.Duration) (time.Duration, error) {
	if l.ExpiresIn == nil {
		life := cmp.Or(settings, defaultLife)
		if err := indexer.CheckLife(life); err != nil {
			return 0, fmt.Errorf("reading %s: expiresIn: %w", indexer.ConfigName, err)
		}
		return life, nil
	}
	if err := indexer.CheckLife(*l.ExpiresIn); err != nil {
		return 0, usage("--expires-in: %w", err)
	}
	return *l.ExpiresIn, nil
}

// defaultLife is how long a head lives unless somebody says otherwise.
const defaultLife = 14 * 24 * time.Hour

// renewalDue is when a trust document is so near its end that a build fails
// after publishing, so that somebody looks.
const renewalDue = 21 * 24 * time.Hour

// buildGC lets a build collect its garbage less often, within the memory that it may have.
const buildGC = 150

// Run publishes.
func (c buildCmd) Run(ctx context.Context, std stdio) error {
	debug.SetGCPercent(buildGC)
	packages, config, err := c.open()
	if err != nil {
		return err
	}
	o, err := c.options(ctx, packages, config, std)
	if err != nil {
		return err
	}
	res, err := indexer.Publish(ctx, o)
	var refused kube.Problems
	switch {
	case errors.As(err, &refused):
		return refused.In(c.Packages)
	case errors.Is(err, indexer.ErrNoSite) && c.First:
		return fmt.Errorf("%s has no 1.json, the trust document that a repository starts with; `kpm-indexer trust init` makes one", c.Trust)
	case errors.Is(err, indexer.ErrNoSite) && !errcode.Has(err, errcode.LostHead):
		return fmt.Errorf("%w; start a repository with --first, or say where it is published: --previous %s", err, cmp.Or(config.URL, "URL"))
	case err != nil:
		return err
	}
	c.tell(std, res)
	if c.First {
		std.say("Users add the repository, once %s is served, with: kpm repo add %s %s --trust %s",
			c.Out, res.Head.Repository, cmp.Or(config.URL, "URL"), trust.Pin{Version: 1, Digest: res.Head.Root})
	}
	switch {
	case len(res.Refused) > 0:
		return fmt.Errorf("published without %s", words.Count(countKubes(res.Refused), "refused Kube"))
	case !res.Renewal.IsZero() && res.Renewal.Sub(o.Now) < renewalDue:
		return fmt.Errorf("published, but the trust document expires %s: make the next one now, with kpm-indexer trust renew", res.Renewal.Format(time.DateOnly))
	}
	return nil
}

func (c buildCmd) options(ctx context.Context, packages fs.FS, config indexer.Config, std stdio) (indexer.Options, error) {
	all, err := c.signers(ctx, std)
	if err != nil {
		return indexer.Options{}, err
	}
	now, err := std.now()
	if err != nil {
		return indexer.Options{}, err
	}
	o := indexer.Options{
		Images: c.registries(std), RequireImages: c.ResolveImages == "require",
		Packages: packages, Site: c.Out, Signers: all, Trust: c.Trust, Name: c.Name, First: c.First, AtLeast: c.AtLeast,
		KeepGoing: c.KeepGoing || c.NoReleases, Hold: c.NoReleases, URL: config.URL, Source: config.Source, Now: now, Fetch: std.fetch(), Report: std.report(),
	}
	if o.Evidence, err = folders(c.Evidence); err != nil {
		return o, err
	}
	if err := c.trusted(); err != nil {
		return o, err
	}
	if o.Name == "" {
		o.Name = config.Name
	} else if config.Name != "" && config.Name != o.Name {
		return o, usage("--name says %q, %s says %q", o.Name, indexer.ConfigName, config.Name)
	}
	if o.ExpiresIn, err = c.life(time.Duration(config.ExpiresIn)); err != nil {
		return o, err
	}
	if c.Previous != "" {
		o.Previous = fetch.URL(c.Previous)
	}
	if !c.NoSite {
		if o.Draw, o.Drawn, err = drawing(config.URL, config.Source); err != nil {
			return o, err
		}
	}
	commit, why := gitCommit(ctx, c.Packages)
	if o.Commit = commit; why != "" {
		std.warn("%s; provenance names no commit", why)
	}
	return o, nil
}

// trusted refuses a first publish without a folder of trust documents, and one that is not there.
func (c buildCmd) trusted() error {
	if c.Trust == "" {
		if c.First {
			return usage("--first needs --trust DIR; `kpm-indexer trust init` makes one")
		}
		return nil
	}
	if _, err := os.Stat(c.Trust); err != nil {
		return fmt.Errorf("reading the trust documents: %w", err)
	}
	return nil
}

// registries are asked what the images of new releases are; nil: nobody is.
func (c buildCmd) registries(std stdio) *registry.Client {
	if c.ResolveImages == "never" {
		return nil
	}
	return registry.New(registry.Options{Fetch: std.fetch()})
}

// folders opens folders of evidence, which must be there.
func folders(paths []string) ([]fs.FS, error) {
	var all []fs.FS
	for _, path := range paths {
		info, err := os.Stat(path)
		if err != nil {
			return nil, fmt.Errorf("reading evidence: %w", err)
		}
		if !info.IsDir() {
			return nil, usage("%s is no folder of evidence", path)
		}
		all = append(all, inputfile.FS(path))
	}
	return all, nil
}

func (c buildCmd) tell(std stdio, res *indexer.Result) {
	for _, p := range res.Refused.In(c.Packages) {
		fmt.Fprintln(std.err, kube.Clean(p.String(), false))
	}
	for _, w := range res.Warnings {
		std.warn("%s", w)
	}
	for _, r := range res.Released {
		fmt.Fprintf(std.out, "released %s\n", r)
	}
	for _, name := range res.Gone {
		fmt.Fprintf(std.out, "removed %s\n", name)
	}
	for _, text := range res.Marked {
		fmt.Fprintln(std.out, kube.Clean(text, false))
	}
	for _, t := range res.Tested {
		fmt.Fprintf(std.out, "tested %s\n", t)
	}
	std.say("Published %d of %s: %s, %d released, %d removed, valid until %s", res.Head.Seq, res.Head.Repository,
		words.Count(res.Head.Kubes, "Kube"), len(res.Released), len(res.Gone), res.Head.Expires.Format(time.DateTime)+" UTC")
}

// countKubes counts the folders that problems lie in.
func countKubes(ps kube.Problems) int {
	seen := map[string]bool{}
	for _, p := range ps {
		name, _, _ := strings.Cut(p.Path, "/")
		seen[name] = true
	}
	return len(seen)
}
