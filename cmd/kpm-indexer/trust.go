package main

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/kpm-sh/kpm/indexer"
	"github.com/kpm-sh/kpm/internal/trust"
	"github.com/kpm-sh/kpm/signing/signer"
)

type trustCmd struct {
	Init         trustInitCmd      `cmd:"" help:"Make the keys and trust document 1 of a new repository."`
	Show         trustShowCmd      `cmd:"" help:"Print a trust document: who may sign what, until when, and what it changes."`
	AddSigner    addSignerCmd      `cmd:"" help:"Draft the next document: somebody may sign more."`
	RemoveSigner removeSignerCmd   `cmd:"" help:"Draft the next document: somebody may sign no more."`
	SetThreshold setThresholdCmd   `cmd:"" help:"Draft the next document: how many must sign."`
	Renew        renewCmd          `cmd:"" help:"Draft the next document: it expires later."`
	UpdateRoot   updateSigstoreCmd `cmd:"" name:"update-sigstore" help:"Draft the next document: it pins the newest trusted root of a Sigstore instance."`
	Sign         signCmd           `cmd:"" help:"Sign the draft."`
	Publish      publishCmd        `cmd:"" help:"Make the next document of the draft, when enough have signed."`
}

type trustInitCmd struct {
	newKeyFlags
	Out       string        `required:"" placeholder:"DIR" help:"Where keys and document go."`
	Name      string        `required:"" placeholder:"REPOSITORY" help:"Signed name of the repository."`
	URL       string        `placeholder:"URL" help:"Where the site will be served; only printed."`
	ExpiresIn time.Duration `default:"8760h" help:"How long the trust document lives."`
	GraceDays int64         `default:"30" help:"How many days past an expiry clients may be told to go on with."`
	identityFlags
}

// Run writes trust.key and trust-spare.key (role trust, either suffices), index.key (role
// index) unless somebody without a key has that role, and 1.json, which both trust keys
// sign, with the trusted root that it pins.
func (c trustInitCmd) Run(ctx context.Context, std stdio) error {
	now, err := std.now()
	if err != nil {
		return err
	}
	if c.ExpiresIn <= 0 {
		return usage("--expires-in: a trust document lives more than 0, not %s", c.ExpiresIn)
	}
	pass, err := c.newPassphrase(ctx, std)
	if err != nil {
		return err
	}
	var files []newFile
	keys := map[string]*signer.Key{}
	names := []string{"trust", "trust-spare", "index"}
	keyless, err := c.signer()
	if err != nil {
		return err
	}
	if keyless != nil {
		names = names[:2]
	}
	for _, name := range names {
		if keys[name], err = signer.GenerateKey(); err != nil {
			return err
		}
		more, err := keyFiles(filepath.Join(c.Out, name+".key"), keys[name], pass)
		if err != nil {
			return err
		}
		files = append(files, more...)
	}
	publisher, sigstore := trust.Signer{Keyless: keyless}, map[string]trust.Sigstore{}
	if keyless == nil {
		publisher = trust.KeySigner(keys["index"].Public())
	} else if files, err = c.pinRoot(sigstore, files); err != nil {
		return err
	}
	env, err := trust.Sign(indexer.FirstTrust(c.Name, keys["trust"].Public(), keys["trust-spare"].Public(), publisher, sigstore,
		now.Add(c.ExpiresIn), c.GraceDays), keys["trust"], keys["trust-spare"])
	if err != nil {
		return usageError{err} // the flags are all that may be wrong
	}
	data, err := env.Encode()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(c.Out, 0o700); err != nil {
		return err
	}
	if err := writeAll(append(files, newFile{filepath.Join(c.Out, "1.json"), data, 0o644})); err != nil {
		return err
	}
	c.advise(std, trust.PinOf(1, env))
	return nil
}

// pinRoot has the document pin the Sigstore instance, and adds its trusted root to the
// files.
func (c trustInitCmd) pinRoot(sigstore map[string]trust.Sigstore, files []newFile) ([]newFile, error) {
	root, err := c.root()
	if err != nil {
		return nil, err
	}
	sigstore[c.Sigstore] = root.pinned
	return append(files, newFile{filepath.Join(c.Out, root.pinned.RootName()), root.text, 0o644}), nil
}

func (c trustInitCmd) advise(std stdio, pin trust.Pin) {
	if document := filepath.Join(c.Out, "1.json"); c.Identity == "" {
		std.say("Wrote %s, which is public, and its keys. CI gets index.key and nothing else.", document)
	} else {
		std.say("Wrote %s and the trusted root beside it, which are public, and the keys. CI gets none: it signs as %s.", document, c.Identity)
	}
	std.say("Keep trust.key off every server, and trust-spare.key in another place: either signs the next trust document, the spare when trust.key is lost.")
	std.say("Users add the repository with:")
	fmt.Fprintf(std.out, "kpm repo add %s %s --trust %s\n", c.Name, orURL(c.URL), pin)
}

// orURL is the address to be printed, or the word for it.
func orURL(url string) string { return cmp.Or(url, "URL") }
