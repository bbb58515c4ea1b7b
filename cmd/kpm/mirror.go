package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/kpm-sh/kpm/client"
	"github.com/kpm-sh/kpm/client/mirror"
	"github.com/kpm-sh/kpm/client/repos"
	"github.com/kpm-sh/kpm/internal/errcode"
	"github.com/kpm-sh/kpm/internal/fetch"
	"github.com/kpm-sh/kpm/internal/images"
	"github.com/kpm-sh/kpm/internal/images/registry"
	"github.com/kpm-sh/kpm/internal/inputfile"
	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/mirrorfile"
	"github.com/kpm-sh/kpm/internal/trust"
	"github.com/kpm-sh/kpm/internal/words"
)

type mirrorCmd struct {
	Copy   mirrorCopyCmd   `cmd:"" default:"withargs" help:"Copy a repository into a folder; the word copy may be left out."`
	Push   mirrorPushCmd   `cmd:"" help:"Copy the images of a mirror into a registry."`
	Verify mirrorVerifyCmd `cmd:"" help:"Check everything in a mirror; nobody is asked."`
}

type mirrorCopyCmd struct {
	Source   string   `arg:"" name:"src" help:"A repository by its alias, or its URL or folder."`
	Dir      string   `arg:"" name:"dst" help:"The folder of the mirror."`
	Only     []string `placeholder:"NAME[@RANGE]" help:"Only these Kubes, and what they need; may be repeated."`
	Images   bool     `help:"Also copy the images, into an OCI layout in images/."`
	Platform []string `placeholder:"OS/ARCH" help:"Of images, only these platforms; all without."`
	DryRun   bool     `help:"Only say what would be copied."`
	Checksum bool     `help:"Compare what is there by digest, not by size, and copy again what differs."`
	pinFlags
}

// pinFlags say by what a repository that is not configured is trusted.
type pinFlags struct {
	Trust    string `xor:"pin" placeholder:"PIN" help:"The trust document to start from, for a URL: 1@sha256:HEX."`
	Key      string `xor:"pin" type:"existingfile" placeholder:"FILE" help:"Trust this public key instead."`
	Identity string `xor:"pin" placeholder:"SAN" help:"Trust the certificates of this identity instead."`
	Issuer   string `placeholder:"URL" help:"Who issues the certificates of --identity."`
}

func (p pinFlags) given() bool { return p.Trust+p.Key+p.Identity+p.Issuer != "" }

func (p pinFlags) config(url string) (repos.Config, error) {
	c := repos.Config{Sources: []string{url}, Identity: p.Identity, Issuer: p.Issuer}
	if p.Trust != "" {
		pin, err := trust.ParsePin(p.Trust)
		if err != nil {
			return c, errcode.With(errcode.Usage, nil, err)
		}
		c.Pin = &pin
	}
	if p.Key != "" {
		key, err := inputfile.Read(p.Key, inputfile.MaxKey)
		if err != nil {
			return c, err
		}
		c.Key = string(key)
	}
	return c, nil
}

// Run mirrors.
func (m mirrorCopyCmd) Run(ctx context.Context, c *client.Client, std *stdio, s *settings) error {
	if s.Offline && strings.Contains(m.Source, "://") && !strings.HasPrefix(m.Source, "file:") {
		return repos.ErrOffline
	}
	for _, platform := range m.Platform {
		if err := images.CheckPlatform(platform); err != nil {
			return usage("%w", err)
		}
	}
	if len(m.Platform) > 0 && !m.Images {
		return usage("--platform is for --images")
	}
	r, err := m.repository(c)
	if err != nil {
		return err
	}
	o, err := m.options(r, c.Repos.Fetch, std)
	if err != nil {
		return err
	}
	res, err := mirror.Run(ctx, o)
	if err != nil {
		return err
	}
	m.tell(std, res)
	return nil
}

// repository is the origin: one that is configured, by its alias or by its address, or
// one that flags say how to trust.
func (m mirrorCopyCmd) repository(c *client.Client) (*repos.Repository, error) {
	all, err := c.Repos.Repositories()
	if err != nil {
		return nil, err
	}
	url := fetch.URL(m.Source)
	for _, r := range all {
		switch {
		case m.given():
		case r.Alias == m.Source:
			return r, nil
		case slices.Contains(r.Sources, url):
			only := r.Config
			only.Sources = []string{url}
			return c.Repos.Stranger(only), nil
		}
	}
	if !m.given() {
		return nil, usage("%s is no repository that is configured: for a URL say how to trust it, with --trust 1@sha256:…, --key FILE or --identity", m.Source)
	}
	config, err := m.config(url)
	if err != nil {
		return nil, err
	}
	return c.Repos.Stranger(config), nil
}

func (m mirrorCopyCmd) options(r *repos.Repository, f fetch.Options, std *stdio) (mirror.Options, error) {
	o := mirror.Options{
		Dir: m.Dir, Only: m.Only, Platforms: m.Platform, DryRun: m.DryRun, Checksum: m.Checksum, Now: time.Now, Warn: std.warn,
		Note: func(text string) { std.step("%s", text) }, Progress: copyBar(std, time.Now),
	}
	slices.Sort(o.Only)
	slices.Sort(o.Platforms)
	if m.Images {
		o.Images = registry.New(registry.Options{Fetch: f})
	}
	var err error
	o.Sources, o.Trusted, o.Floor, o.Grace, err = r.Origin()
	o.Pin = r.Pin
	return o, err
}

func (m mirrorCopyCmd) tell(std *stdio, res *mirror.Result) {
	of := fmt.Sprintf("publish %d of %s", res.Head.Seq, res.Head.Repository)
	switch {
	case m.DryRun:
		std.line("%s: %s of %s would be copied", of, words.Count(res.Files, "file"), size(res.Bytes))
		if m.Images {
			std.line("%s of %s would be copied", words.Count(res.Images, "image"), size(res.ImageBytes))
		}
	case res.Unchanged:
		std.step("%s has %s already: %s", m.Dir, of, words.Count(res.Kubes, "Kube"))
	default:
		std.step("%s has %s: %s of %s copied, with %s", m.Dir, of, words.Count(res.Files, "file"), size(res.Bytes), words.Count(res.Requests, "request"))
	}
	if m.Images && !m.DryRun {
		std.step("%s copied: %s", words.Count(res.Images, "image"), size(res.ImageBytes))
	}
}

type mirrorVerifyCmd struct {
	Dir   string `arg:"" name:"dst" help:"The folder of the mirror."`
	Trust string `placeholder:"PIN" help:"What a trust document of it has to be: 1@sha256:HEX."`
}

// Run checks a mirror and prints what is wrong.
func (m mirrorVerifyCmd) Run(ctx context.Context, std *stdio) error {
	var pin *trust.Pin
	if m.Trust != "" {
		p, err := trust.ParsePin(m.Trust)
		if err != nil {
			return errcode.With(errcode.Usage, nil, err)
		}
		pin = &p
	}
	v, err := mirror.Verify(ctx, m.Dir, pin)
	if err != nil {
		return err
	}
	for _, finding := range v.Findings {
		std.line("%s", kube.Clean(finding, false))
	}
	std.step("%s holds publish %d of %s, issued %s: %s of %s are as signed", m.Dir, v.Head.Seq, v.Head.Repository,
		v.Head.Issued.Format(time.DateTime)+" UTC", words.Count(v.Files, "file"), size(v.Bytes))
	if v.Images > 0 {
		std.step("%s of images are what their digests say", words.Count(v.Images, "blob"))
	}
	std.step("its trust document 1 is 1@sha256:%s", v.Head.Root)
	if len(v.Findings) > 0 {
		std.step("where its origin can be reached, kpm mirror SRC %s%s --checksum copies again what is not as signed", m.Dir, madeWith(v.Note))
		return errFindings
	}
	return nil
}

// madeWith are the flags that a mirror was made with.
func madeWith(note mirrorfile.File) string {
	text := ""
	for _, only := range note.Only {
		text += " --only " + only
	}
	if note.Images {
		text += " --images"
	}
	for _, platform := range note.Platforms {
		text += " --platform " + platform
	}
	return kube.Clean(text, false)
}

// copyBar draws how far a mirror run is, on a terminal: bytes, and the time that is left
// at the pace so far.
func copyBar(std *stdio, now func() time.Time) func(mirror.Progress) {
	if !std.errTerminal || std.quiet {
		return nil
	}
	b, began, images := &bar{std: std}, now(), int64(0)
	return func(p mirror.Progress) {
		if p.OfImages != images {
			began, images = now(), p.OfImages // files are done
		}
		b.left = ""
		if gone := now().Sub(began); p.Bytes > 0 && gone > time.Second {
			b.left = ", " + time.Duration(float64(gone)*float64(p.OfBytes-p.Bytes)/float64(p.Bytes)).Round(time.Second).String() + " left"
		}
		b.draw(p.Bytes, p.OfBytes)
	}
}

type mirrorPushCmd struct {
	Dir string `arg:"" name:"dst" help:"The folder of the mirror."`
	To  string `arg:"" name:"registry" help:"REGISTRY/PREFIX to push below."`

	PinPlatform string `placeholder:"OS/ARCH" help:"Where the registry takes no index of which platforms are left out, let the manifest of this platform stand for it."`
}

// Run copies the images of a mirror into a registry.
func (m mirrorPushCmd) Run(ctx context.Context, c *client.Client, std *stdio, s *settings) error {
	if s.Offline {
		return repos.ErrOffline
	}
	if err := images.CheckMirror(m.To, m.PinPlatform); err != nil {
		return usage("%w", err)
	}
	res, err := mirror.Push(ctx, m.Dir, m.To, m.PinPlatform, registry.New(registry.Options{Fetch: c.Repos.Fetch}), std.warn)
	if err != nil {
		return err
	}
	std.step("%s has %s: %s of %s sent", m.To, words.Count(res.Images, "image"), words.Count(res.Blobs, "blob"), size(res.Bytes))
	if len(res.Pinned) > 0 {
		std.step("%s can be found by the digest of %s alone: say --pin-platform %s beside --images %s", words.Count(int64(len(res.Pinned)), "image"), m.PinPlatform, m.PinPlatform, m.To)
	}
	if len(res.Refused) > 0 {
		return fmt.Errorf("%s of %s cannot be found by the digests that were published", words.Count(int64(len(res.Refused)), "index"), m.To)
	}
	return nil
}
