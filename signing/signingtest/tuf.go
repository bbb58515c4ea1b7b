package signingtest

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/sigstore/sigstore/pkg/signature"
	"github.com/theupdateframework/go-tuf/v2/metadata"
)

// ServeTUF serves a TUF repository that has a trusted_root.json, and gives its URL and
// its root document.
func ServeTUF(t testing.TB, trustedRoot []byte) (url string, root []byte) {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	_, key, err := ed25519.GenerateKey(rand.Reader)
	must(err)
	signer, err := signature.LoadSigner(key, crypto.Hash(0))
	must(err)
	public, err := metadata.KeyFromPublicKey(key.Public())
	must(err)
	tomorrow := time.Now().Add(24 * time.Hour).UTC()
	dir := t.TempDir()
	target := filepath.Join(dir, "trusted_root.json")
	must(os.WriteFile(target, trustedRoot, 0o600))
	info, err := metadata.TargetFile().FromFile(target, "sha256")
	must(err)

	top, targets, snapshot, timestamp := metadata.Root(tomorrow), metadata.Targets(tomorrow), metadata.Snapshot(tomorrow), metadata.Timestamp(tomorrow)
	for _, role := range metadata.TOP_LEVEL_ROLE_NAMES {
		must(top.Signed.AddKey(public, role))
	}
	targets.Signed.Targets["trusted_root.json"] = info
	files := map[string][]byte{"/targets/" + info.Hashes["sha256"].String() + ".trusted_root.json": trustedRoot}
	add := func(path string, data []byte, err error) {
		t.Helper()
		must(err)
		files[path] = data
	}
	for _, sign := range []func(signature.Signer) (*metadata.Signature, error){top.Sign, targets.Sign, snapshot.Sign, timestamp.Sign} {
		_, err := sign(signer)
		must(err)
	}
	root, err = top.ToBytes(false)
	add("/1.root.json", root, err)
	data, err := targets.ToBytes(false)
	add("/1.targets.json", data, err)
	data, err = snapshot.ToBytes(false)
	add("/1.snapshot.json", data, err)
	data, err = timestamp.ToBytes(false)
	add("/timestamp.json", data, err)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		data, ok := files[r.URL.Path]
		if !ok {
			http.NotFound(w, r)
			return
		}
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(data))
	}))
	t.Cleanup(server.Close)
	return server.URL, root
}
