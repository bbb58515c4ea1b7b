package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/kpm-sh/kpm/indexer"
	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/trust"
	"github.com/kpm-sh/kpm/signing/signingtest"
)

const cosignVersion = "v3.0.6"

// instance has a Sigstore instance on loopback outlive no run: it is a test to it.
type instance struct {
	testing.TB
	ends []func()
}

func (*instance) Helper()            {}
func (i *instance) Cleanup(f func()) { i.ends = append(i.ends, f) }
func (*instance) Fatal(what ...any)  { panic(fmt.Sprint(what...)) }

func (i *instance) end() {
	for _, f := range i.ends {
		f()
	}
}

// signingPart measures what it costs to know who signed, with a key and without one.
type signingPart struct{ *bench }

func (b signingPart) measure(ctx context.Context) error {
	dir, err := peers()
	if err != nil {
		return err
	}
	cosign := filepath.Join(dir, "cosign-"+cosignVersion)
	err = missing(cosign, func() error {
		if err := run(ctx, "", []string{"GOBIN=" + dir}, "go", "install", "github.com/sigstore/cosign/v3/cmd/cosign@"+cosignVersion); err != nil {
			return err
		}
		return os.Rename(filepath.Join(dir, "cosign"), cosign)
	})
	if err != nil {
		return err
	}
	b.begin(signingTitle, fmt.Sprintf("Times are CPU of whole processes; the peer is cosign %s, which is asked about the same\nprovenance bundle. No network is asked by either.", cosignVersion))
	if err := b.signed(ctx, cosign, "key", "≤ 25 ms", nil); err != nil {
		return err
	}
	i := &instance{}
	defer i.end()
	return b.signed(ctx, cosign, "keyless", "≤ 35 ms", signingtest.Serve(i, 2))
}

// signed measures a repository of one Kube that a key signs, or somebody without one
// whose Sigstore is given.
func (b signingPart) signed(ctx context.Context, cosign, how, goal string, s *signingtest.Services) error {
	dir := filepath.Join(b.dir, how)
	at := func(name string) string { return filepath.Join(dir, name) }
	files := map[string][]byte{
		"packages/pony/K3.yaml":             []byte("name: pony\nversion: 1.0.0\ndescription: A Kube to measure with\n"),
		"packages/pony/manifests/pony.yaml": []byte("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: pony\n"),
	}
	start := []string{b.indexerB, "trust", "init", "--out", "keys", "--name", "bench"}
	build := []string{b.indexerB, "build", "--out", "site", "--trust", "keys", "--first", "--no-site", "--key", "keys/index.key"}
	verify := []string{cosign, "verify-blob-attestation", "--type", "slsaprovenance1", "--bundle", at("a.tgz.sigstore.json"), "--key", at("keys/index.key.pub"), "--insecure-ignore-tlog", at("a.tgz")}
	env := []string{"KPM_HOME=" + filepath.Join(dir, "home"), "HOME=" + dir}
	if s != nil {
		files["config.json"], files["root.json"] = s.Config(), s.TrustedRoot()
		env = append(env, "SIGSTORE_ID_TOKEN="+signingtest.Token(signingtest.SAN, ""))
		start = append(start, "--identity", signingtest.SAN, "--issuer", signingtest.Issuer, "--sigstore", "ours", "--trusted-root", "root.json")
		build = append(build[:len(build)-2], "--keyless", "--signing-config", "config.json")
		verify = []string{cosign, "verify-blob-attestation", "--type", "slsaprovenance1", "--bundle", at("a.tgz.sigstore.json"), "--trusted-root", at("root.json"), "--use-signed-timestamps",
			"--insecure-ignore-sct", "--certificate-identity", signingtest.SAN, "--certificate-oidc-issuer", signingtest.Issuer, at("a.tgz")}
	}
	for path, data := range files {
		file := at(filepath.FromSlash(path))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(file, data, 0o644); err != nil {
			return err
		}
	}
	if err := run(ctx, dir, env, start[0], start[1:]...); err != nil {
		return err
	}
	if err := run(ctx, dir, env, build[0], build[1:]...); err != nil {
		return err
	}
	for _, end := range []string{"", ".sigstore.json"} {
		if err := os.Link(filepath.Join(dir, "site/kubes/pony/pony-1.0.0.tgz"+end), filepath.Join(dir, "a.tgz"+end)); err != nil {
			return err
		}
	}
	root, err := os.OpenRoot(filepath.Join(dir, "site"))
	if err != nil {
		return err
	}
	defer root.Close() //nolint:errcheck // read only
	srv, err := serve(ctx, indexer.Handler(root))
	if err != nil {
		return err
	}
	pin, err := pinOf(dir)
	if err != nil {
		return err
	}
	if err := run(ctx, dir, env, b.kpm, "repo", "add", "bench", srv.url, "--trust", pin); err != nil {
		return err
	}
	return b.addRows(ctx, how, goal, command{args: []string{b.kpm, "update"}, env: env}, command{args: []string{b.kpm, "verify", filepath.Join(dir, "a.tgz")}, env: env},
		command{args: verify, env: env})
}

// addRows adds the rows.
func (b signingPart) addRows(ctx context.Context, how, goal string, update, verify, cosign command) error {
	turns, err := race(ctx, 3*b.runs, update, b.help())
	if err != nil {
		return err
	}
	b.add(row{fmt.Sprintf("`kpm update` − `kpm --help`, nothing changed, %s", how), fmt.Sprintf("%.1f ms", ms(turns[0].cpu-turns[1].cpu)), "", "", goal})
	if turns, err = race(ctx, 3*b.runs, verify, cosign); err != nil {
		return err
	}
	b.add(row{fmt.Sprintf("`kpm verify` / `cosign verify-blob-attestation`, %s", how), seconds(turns[0].cpu), seconds(turns[1].cpu), ratio(turns[0].cpu, turns[1].cpu), "≤ 2"})
	return nil
}

// pinOf is the pin of document 1 in a folder with keys.
func pinOf(dir string) (string, error) {
	data, err := os.ReadFile(filepath.Join(dir, "keys/1.json"))
	if err != nil {
		return "", err
	}
	env, err := index.DecodeEnvelope(data)
	if err != nil {
		return "", err
	}
	return trust.PinOf(1, env).String(), nil
}
