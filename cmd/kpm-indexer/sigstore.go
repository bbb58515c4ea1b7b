package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/kpm-sh/kpm/internal/atomicfile"
	"github.com/kpm-sh/kpm/internal/ceremony"
	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/inputfile"
	"github.com/kpm-sh/kpm/internal/trust"
	"github.com/kpm-sh/kpm/signing"
	"github.com/kpm-sh/kpm/signing/signer"
)

// instanceFlags name a Sigstore instance.
type instanceFlags struct {
	Sigstore    string `default:"public-good" placeholder:"NAME" help:"What the document calls the Sigstore instance; ${default} is the public one."`
	TrustedRoot string `placeholder:"FILE" help:"trusted_root.json of the instance, to be pinned."`
	Profile     string `enum:",public-good,private-log,private-tsa" default:"" placeholder:"PROFILE" help:"What its signatures hold: public-good (logs of certificates and of signatures), private-log (a log of signatures), private-tsa (a timestamp, and no log)."`
}

// identityFlags name somebody who signs without a key.
type identityFlags struct {
	Identity         string `placeholder:"SAN" help:"Who signs without a key, as certificates name him: https://github.com/OWNER/REPO/.github/workflows/publish.yml@refs/heads/main."`
	Issuer           string `placeholder:"URL" default:"https://token.actions.githubusercontent.com" help:"Who issues identity tokens to --identity."`
	SourceRepository string `placeholder:"URL" help:"Where the workflow of --identity runs: https://github.com/OWNER/REPO. All callers of a reusable workflow have one identity."`
	instanceFlags
}

// actionsIssuer issues the tokens of GitHub Actions, which name the source repository.
const actionsIssuer = "https://token.actions.githubusercontent.com"

// signer is who signs without a key, nil where nobody is named.
func (f identityFlags) signer() (*trust.Keyless, error) {
	switch {
	case f.Identity == "" && (f.SourceRepository != "" || f.TrustedRoot != "" || f.Profile != ""):
		return nil, usage("--source-repository, --trusted-root and --profile go with --identity")
	case f.Identity == "":
		return nil, nil
	case f.SourceRepository == "" && f.Issuer == actionsIssuer:
		return nil, usage("workflows of any repository may have this identity: say --source-repository too")
	}
	return &trust.Keyless{Sigstore: f.Sigstore, Issuer: f.Issuer, SAN: f.Identity, SourceRepository: f.SourceRepository}, nil
}

// pinnedRoot is a trusted root, and how a document pins it.
type pinnedRoot struct {
	text   []byte
	pinned trust.Sigstore
}

// root is the trusted root of --trusted-root, or that of the public instance which this
// program brings along.
func (f instanceFlags) root() (pinnedRoot, error) {
	if f.TrustedRoot == "" && f.Sigstore != trust.PublicGood {
		return pinnedRoot{}, usage("what %s is trusted by: say --trusted-root FILE", f.Sigstore)
	}
	if f.TrustedRoot == "" {
		public, err := signing.PublicGood()
		if err != nil {
			return pinnedRoot{}, err
		}
		return f.pin(public.JSON())
	}
	text, err := inputfile.Read(f.TrustedRoot, signer.MaxRoot)
	if err != nil {
		return pinnedRoot{}, fmt.Errorf("reading the trusted root: %w", err)
	}
	return f.pin(text)
}

// pin checks a trusted root, and says how it is pinned.
func (f instanceFlags) pin(text []byte) (pinnedRoot, error) {
	if _, err := signing.ParseTrustedRoot(text); err != nil {
		return pinnedRoot{}, err
	}
	profile := signing.Profile(f.Profile)
	switch {
	case profile != "":
	case f.Sigstore == trust.PublicGood:
		profile = signing.ProfilePublic
	default:
		profile = signing.ProfilePrivateLog
	}
	return pinnedRoot{text, trust.Sigstore{TrustedRoot: index.RefOf(text), Profile: profile}}, nil
}

// write puts the trusted root beside the trust documents of a folder.
func (r pinnedRoot) write(dir string) error {
	path := filepath.Join(dir, r.pinned.RootName())
	there, err := os.ReadFile(path)
	if err == nil && bytes.Equal(there, r.text) {
		return nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return atomicfile.Write(path, r.text, 0o644)
}

type updateSigstoreCmd struct {
	draftFlag
	instanceFlags
	TUF     string `name:"tuf" placeholder:"URL" help:"TUF repository that has the trusted root, instead of that of the public instance."`
	TUFRoot string `name:"tuf-root" placeholder:"FILE" help:"A root.json of --tuf that you trust, from which it is followed to the newest one."`
}

// Run drafts a document that pins another trusted root: that of a file, or the newest one
// of a TUF repository. What was signed before must stay good, so a trusted root names the
// keys of before, too.
func (c updateSigstoreCmd) Run(ctx context.Context, std stdio) error {
	root, err := c.newest(ctx)
	if err != nil {
		return err
	}
	return c.edit(ctx, std, func(d *ceremony.Draft) (int, error) {
		if was, ok := d.Document.Sigstore[c.Sigstore]; ok && c.Profile == "" {
			root.pinned.Profile = was.Profile
		} else if !ok && c.Sigstore != trust.PublicGood && c.Profile == "" {
			return 0, usage("%s knows no instance %s; to add it, say its --profile", d.Document, c.Sigstore)
		}
		dropped, err := d.PinSigstore(c.Sigstore, root.pinned)
		if err != nil {
			return 0, err
		}
		return dropped, root.write(c.Trust)
	})
}

func (c updateSigstoreCmd) newest(ctx context.Context) (pinnedRoot, error) {
	switch {
	case c.TrustedRoot != "" && (c.TUF != "" || c.TUFRoot != ""):
		return pinnedRoot{}, usage("--trusted-root or --tuf: one of them")
	case (c.TUF == "") != (c.TUFRoot == ""):
		return pinnedRoot{}, usage("--tuf and --tuf-root go together")
	case c.TrustedRoot != "":
		return c.root()
	case c.TUF == "" && c.Sigstore != trust.PublicGood:
		return pinnedRoot{}, usage("where the trusted root of %s is: say --trusted-root FILE, or --tuf URL --tuf-root FILE", c.Sigstore)
	}
	var anchor []byte
	if c.TUF != "" {
		var err error
		if anchor, err = inputfile.Read(c.TUFRoot, signer.MaxRoot); err != nil {
			return pinnedRoot{}, fmt.Errorf("reading the root of the TUF repository: %w", err)
		}
	}
	text, err := signer.FetchTrustedRoot(ctx, c.TUF, anchor)
	if err != nil {
		return pinnedRoot{}, err
	}
	return c.pin(text)
}
