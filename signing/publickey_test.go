package signing_test

import (
	"bytes"
	"encoding/pem"
	"os"
	"strings"
	"testing"

	"github.com/kpm-sh/kpm/signing"
)

func TestParsePublicKey(t *testing.T) {
	want := testKey(t, "a").Public()
	got, err := signing.ParsePublicKey(append(append([]byte(" \n"), want.PEM()...), "\r\n\t"...))
	if err != nil {
		t.Fatal(err)
	}
	if !got.Equal(want) || got.Fingerprint() != want.Fingerprint() {
		t.Errorf("got %s, want %s", got.Fingerprint(), want.Fingerprint())
	}
	text, err := os.ReadFile("testdata/a.pub")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(want.PEM(), text) {
		t.Errorf("got PEM %s, want that of openssl %s", want.PEM(), text)
	}
}

func TestParsePublicKeyRejects(t *testing.T) {
	good := testKey(t, "a").Public().PEM()
	private, err := testKey(t, "a").PEM(nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		text []byte
		want string
	}{
		"empty":        {nil, "does not start"},
		"private key":  {private, `"PRIVATE KEY", not PUBLIC KEY`},
		"second block": {append(bytes.Clone(good), testKey(t, "b").Public().PEM()...), "more than one"},
		"broken first": {append([]byte("-----BEGIN PUBLIC KEY-----\n!\n"), good...), "more than one"},
		"text before":  {append([]byte("subject=x\n"), good...), "does not start"},
		"text after":   {append(bytes.Clone(good), "trailing"...), "after"},
		"headers":      {bytes.Replace(good, []byte("KEY-----\n"), []byte("KEY-----\nA: b\n\n"), 1), "headers"},
		"garbage":      {pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: []byte{0x30, 0}}), "reading public key"},
		"P-384":        {must(os.ReadFile("testdata/p384.pub")), "must be ECDSA P-256, not P-384"},
		"RSA":          {must(os.ReadFile("testdata/rsa.pub")), "must be ECDSA P-256, not *rsa.PublicKey"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := signing.ParsePublicKey(c.text); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

func FuzzParsePublicKey(f *testing.F) {
	k := testKey(f, "a").Public()
	f.Add(k.PEM())
	f.Add([]byte("-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		k, err := signing.ParsePublicKey(text)
		if err != nil {
			return
		}
		if again, err := signing.ParsePublicKey(k.PEM()); err != nil || !again.Equal(k) {
			t.Errorf("the key does not survive its own PEM: %v", err)
		}
	})
}
