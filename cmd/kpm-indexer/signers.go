package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/kpm-sh/kpm/internal/inputfile"
	"github.com/kpm-sh/kpm/signing/signer"
)

// signFlags are shared by the commands that publish.
type signFlags struct {
	passphraseFlag
	Key               []string `sep:"none" placeholder:"FILE" help:"Private key to sign with; repeat it where the trust document asks for several."`
	Keyless           bool     `help:"Sign without a key, with Sigstore, as whom an identity token names: that of a GitHub Actions job, of --identity-token-file, or of $$SIGSTORE_ID_TOKEN."`
	IdentityTokenFile string   `placeholder:"FILE" help:"File that holds the identity token, for the audience sigstore; it is read again when a new one is needed."`
	SigningConfig     string   `placeholder:"FILE" help:"Signing config of the Sigstore instance to sign with; without it, the public one."`
}

// signers are who signs.
func (f signFlags) signers(ctx context.Context, std stdio) ([]signer.Signer, error) {
	if !f.Keyless && (f.IdentityTokenFile != "" || f.SigningConfig != "") {
		return nil, usage("--identity-token-file and --signing-config go with --keyless")
	}
	if len(f.Key) == 0 && !f.Keyless {
		return nil, usage("say who signs: --key FILE or --keyless")
	}
	var all []signer.Signer
	for _, file := range f.Key {
		key, err := keyFlags{f.passphraseFlag, file}.key(ctx, std)
		if err != nil {
			return nil, err
		}
		all = append(all, key.Signer())
	}
	if !f.Keyless {
		return all, nil
	}
	keyless, err := f.keyless(std)
	if err != nil {
		return nil, err
	}
	return append(all, keyless), nil
}

func (f signFlags) keyless(std stdio) (*signer.Keyless, error) {
	o := signer.KeylessOptions{Transport: services(), Now: time.Now}
	var err error
	if f.SigningConfig != "" {
		if o.Config, err = inputfile.Read(f.SigningConfig, signer.MaxConfig); err != nil {
			return nil, fmt.Errorf("reading the signing config: %w", err)
		}
	}
	if o.Token, err = f.token(std, o.Transport); err != nil {
		return nil, err
	}
	return signer.NewKeyless(o)
}

// services reaches Sigstore, and who gives identity tokens.
func services() *http.Transport {
	return &http.Transport{
		Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true, TLSHandshakeTimeout: 15 * time.Second,
		MaxIdleConnsPerHost: 8, IdleConnTimeout: 90 * time.Second, MaxResponseHeaderBytes: 64 << 10,
	}
}

// maxToken is how many bytes an identity token may have.
const maxToken = 16 << 10

// token is where identity tokens come from.
func (f signFlags) token(std stdio, transport http.RoundTripper) (func(context.Context) (string, error), error) {
	given := std.getenv("SIGSTORE_ID_TOKEN")
	at, secret := std.getenv("ACTIONS_ID_TOKEN_REQUEST_URL"), std.getenv("ACTIONS_ID_TOKEN_REQUEST_TOKEN")
	switch {
	case f.IdentityTokenFile != "":
		if mode := openMode(f.IdentityTokenFile); mode != 0 {
			std.warn("%s has mode %04o: others on this host can use it; chmod 600 %s", f.IdentityTokenFile, mode, f.IdentityTokenFile)
		}
		return f.readToken, nil
	case given != "":
		return func(context.Context) (string, error) { return given, nil }, nil
	case at != "" && secret != "":
		return signer.ActionsToken(at, secret, transport), nil
	case std.getenv("GITHUB_ACTIONS") == "true":
		return nil, errors.New("there is no identity token: give this job of the workflow the permission id-token: write")
	}
	return nil, errors.New("there is no identity token: give it with --identity-token-file, or in $SIGSTORE_ID_TOKEN")
}

func (f signFlags) readToken(context.Context) (string, error) {
	text, err := inputfile.Read(f.IdentityTokenFile, maxToken)
	if err != nil {
		return "", fmt.Errorf("reading the identity token: %w", err)
	}
	token := string(bytes.TrimSpace(text))
	if token == "" {
		return "", fmt.Errorf("%s holds no identity token", f.IdentityTokenFile)
	}
	return token, nil
}
