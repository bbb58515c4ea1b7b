package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/kpm-sh/kpm/indexer"
	"github.com/kpm-sh/kpm/internal/atomicfile"
	"github.com/kpm-sh/kpm/internal/ceremony"
	"github.com/kpm-sh/kpm/internal/inputfile"
	"github.com/kpm-sh/kpm/internal/trust"
	"github.com/kpm-sh/kpm/internal/words"
	"github.com/kpm-sh/kpm/signing"
)

// draftFlag is shared by the commands that make the next trust document.
type draftFlag struct {
	Trust string `default:"trust" placeholder:"DIR" help:"Folder of the trust documents 1.json, 2.json …, where the next one is drafted."`
}

// drafting is a folder of trust documents, in which the next one is made.
type drafting struct {
	dir  string
	last *trust.Document // the newest
}

func (f draftFlag) open(ctx context.Context) (drafting, error) {
	if err := atomicfile.Sweep(f.Trust); err != nil { // what is left of one that was killed
		return drafting{}, err
	}
	documents, err := indexer.MaintainOptions{Trust: f.Trust}.Documents(ctx)
	if errors.Is(err, indexer.ErrNoSite) {
		return drafting{}, fmt.Errorf("%w; name the folder with --trust", err)
	}
	if err != nil {
		return drafting{}, err
	}
	return drafting{f.Trust, documents[len(documents)-1]}, nil
}

// path is where the draft lies.
func (d drafting) path() string {
	return d.published() + ".draft"
}

// published is where the document goes.
func (d drafting) published() string {
	return filepath.Join(d.dir, fmt.Sprintf("%d.json", d.last.Version+1))
}

// read gives the draft in a file, or the one of the folder.
func (d drafting) read(path string) (*ceremony.Draft, error) {
	data, err := inputfile.Read(path, ceremony.MaxDraft)
	if err != nil {
		return nil, err
	}
	draft, err := ceremony.Decode(data, d.last)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return draft, nil
}

func (d drafting) write(path string, draft *ceremony.Draft) error {
	data, err := draft.Encode()
	if err != nil {
		return err
	}
	return atomicfile.Write(path, data, 0o644)
}

// edit changes the draft of the folder, which is begun if there is none, and tells
// what it is now.
func (f draftFlag) edit(ctx context.Context, std stdio, change func(*ceremony.Draft) (dropped int, err error)) error {
	d, err := f.open(ctx)
	if err != nil {
		return err
	}
	draft, err := d.read(d.path())
	if errors.Is(err, fs.ErrNotExist) {
		draft, err = ceremony.Begin(d.last)
	}
	if err != nil {
		return err
	}
	dropped, err := change(draft)
	if err != nil {
		return err
	}
	if err := d.write(d.path(), draft); err != nil {
		return err
	}
	if dropped > 0 {
		std.warn("the draft was signed before this change: %s taken off", words.Count(dropped, "signature"))
	}
	std.say("Drafted %s", d.path())
	return tellDraft(std, d.path(), draft)
}

// tellDraft says what a draft changes, and who has to sign it yet.
func tellDraft(std stdio, path string, draft *ceremony.Draft) error {
	for _, line := range draft.Changes() {
		std.say("%s", line)
	}
	return tellNeeds(std, path, draft)
}

// tellNeeds says who has to sign a draft yet.
func tellNeeds(std stdio, path string, draft *ceremony.Draft) error {
	now, err := std.now()
	if err != nil {
		return err
	}
	if draft.Document.Expires.Sub(now) < trust.RenewalWarning {
		std.warn("the draft expires %s; later with: kpm-indexer trust renew", draft.Document.Expires.Format(time.DateOnly))
	}
	needs, err := draft.Needs()
	if err != nil {
		return err
	}
	for _, n := range needs {
		std.say("%s; who holds such a key runs: kpm-indexer trust sign %s --key FILE", n, path)
	}
	if len(needs) == 0 {
		std.say("Enough have signed; next: kpm-indexer trust publish")
	}
	return nil
}

type addSignerCmd struct {
	draftFlag
	identityFlags
	Name string   `arg:"" help:"What to call the signer in the document."`
	Key  string   `arg:"" optional:"" name:"file.pub" help:"Its public key, unless it signs without one: --identity."`
	Role []string `required:"" enum:"trust,index,provenance,tests" help:"What it may sign: trust, index, provenance, tests; may be repeated."`
}

// Run drafts a document in which somebody may sign more.
func (c addSignerCmd) Run(ctx context.Context, std stdio) error {
	s, err := c.who()
	if err != nil {
		return err
	}
	var roles []trust.RoleName
	for _, r := range c.Role {
		roles = append(roles, trust.RoleName(r))
	}
	return c.edit(ctx, std, func(d *ceremony.Draft) (int, error) {
		pinned, err := c.pinMissing(d, s.Keyless)
		if err != nil {
			return 0, err
		}
		dropped, err := d.AddSigner(c.Name, s, roles...)
		return pinned + dropped, err
	})
}

// who is the signer.
func (c addSignerCmd) who() (trust.Signer, error) {
	keyless, err := c.signer()
	switch {
	case err != nil:
		return trust.Signer{}, err
	case (c.Key == "") == (keyless == nil):
		return trust.Signer{}, usage("say who it is: a public key, or --identity")
	case keyless != nil:
		return trust.Signer{Keyless: keyless}, nil
	}
	text, err := inputfile.Read(c.Key, inputfile.MaxKey)
	if err != nil {
		return trust.Signer{}, fmt.Errorf("reading the public key: %w", err)
	}
	key, err := signing.ParsePublicKey(text)
	if err != nil {
		return trust.Signer{}, fmt.Errorf("%s: %w", c.Key, err)
	}
	return trust.KeySigner(key), nil
}

// pinMissing has the draft pin the instance of somebody without a key, unless it does, and
// says how many signatures that takes off.
func (c addSignerCmd) pinMissing(d *ceremony.Draft, keyless *trust.Keyless) (dropped int, err error) {
	if keyless == nil {
		return 0, nil
	}
	if _, pinned := d.Document.Sigstore[c.Sigstore]; pinned && c.TrustedRoot == "" {
		return 0, nil
	}
	root, err := c.root()
	if err != nil {
		return 0, err
	}
	if dropped, err = d.PinSigstore(c.Sigstore, root.pinned); err != nil {
		return 0, err
	}
	return dropped, root.write(c.Trust)
}

type removeSignerCmd struct {
	draftFlag
	Name        string `arg:"" help:"The signer, as the document calls it."`
	Compromised bool   `help:"Others may have its key: clients give up what they have and sync anew (the epoch rises)."`
}

// Run drafts a document without a signer.
func (c removeSignerCmd) Run(ctx context.Context, std stdio) error {
	return c.edit(ctx, std, func(d *ceremony.Draft) (int, error) { return d.RemoveSigner(c.Name, c.Compromised) })
}

type setThresholdCmd struct {
	draftFlag
	Role string `arg:"" enum:"trust,index,provenance,tests" help:"The role."`
	N    int64  `arg:"" help:"How many of its signers must sign."`
}

// Run drafts a document in which another number of signers must sign.
func (c setThresholdCmd) Run(ctx context.Context, std stdio) error {
	return c.edit(ctx, std, func(d *ceremony.Draft) (int, error) { return d.SetThreshold(trust.RoleName(c.Role), c.N) })
}

type renewCmd struct {
	draftFlag
	ExpiresIn time.Duration `default:"8760h" help:"How long the document lives, from now on."`
}

// Run drafts a document that expires later.
func (c renewCmd) Run(ctx context.Context, std stdio) error {
	if c.ExpiresIn <= 0 {
		return usage("--expires-in: a trust document lives more than 0, not %s", c.ExpiresIn)
	}
	now, err := std.now()
	if err != nil {
		return err
	}
	return c.edit(ctx, std, func(d *ceremony.Draft) (int, error) { return d.Renew(now.Add(c.ExpiresIn)) })
}

type signCmd struct {
	draftFlag
	keyFlags
	File string `arg:"" optional:"" help:"The draft, if it is not in the folder: N.json.draft as somebody sent it."`
}

// Run says what a draft changes, and signs it. The folder's documents say what it is
// compared with, whoever sent it.
func (c signCmd) Run(ctx context.Context, std stdio) error {
	d, draft, path, err := c.draft(ctx, c.File)
	if err != nil {
		return err
	}
	for _, line := range draft.Changes() {
		std.say("%s", line)
	}
	key, err := c.key(ctx, std)
	if err != nil {
		return err
	}
	name, err := draft.Sign(key)
	if err != nil {
		return err
	}
	if err := d.write(path, draft); err != nil {
		return err
	}
	std.say("Signed %s as %s", path, name)
	return tellNeeds(std, path, draft)
}

// draft opens a draft that somebody sent, or the one of the folder.
func (f draftFlag) draft(ctx context.Context, file string) (d drafting, draft *ceremony.Draft, path string, err error) {
	if d, err = f.open(ctx); err != nil {
		return d, nil, "", err
	}
	if path = file; path == "" {
		path = d.path()
	}
	draft, err = d.read(path)
	if errors.Is(err, fs.ErrNotExist) && file == "" {
		err = fmt.Errorf("there is no draft: %w; add-signer, remove-signer, set-threshold and renew make one", err)
	}
	return d, draft, path, err
}

type publishCmd struct {
	draftFlag
	File string `arg:"" optional:"" help:"The draft, if it is not in the folder."`
	URL  string `placeholder:"URL" help:"Where the site is served; only printed."`
}

// Run makes a trust document of a draft that enough have signed. The next build with
// --trust brings it to the site, together with a head under it.
func (c publishCmd) Run(ctx context.Context, std stdio) error {
	d, draft, path, err := c.draft(ctx, c.File)
	if err != nil {
		return err
	}
	env, doc, err := draft.Finish()
	if errors.Is(err, ceremony.ErrUnsigned) {
		return unsigned(path, err)
	}
	if err != nil {
		return err
	}
	data, err := env.Encode()
	if err != nil {
		return err
	}
	if err := writeNew(d.published(), data, 0o644); err != nil {
		return err
	}
	if err := os.Remove(path); err != nil {
		return err
	}
	for _, line := range draft.Changes() {
		std.say("%s", line)
	}
	std.say("Wrote %s. Commit it; the next kpm-indexer build --trust %s publishes it", d.published(), d.dir)
	std.say("Whoever adds the repository from now on may pin it: kpm repo add %s %s --trust %s", doc.Repository, orURL(c.URL), trust.PinOf(doc.Version, env))
	return nil
}
