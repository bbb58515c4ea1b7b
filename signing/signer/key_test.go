package signer

import (
	"bytes"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
)

// file reads a file of ../testdata. The keys there are for tests only.
func file(t testing.TB, name string) []byte {
	t.Helper()
	text, err := os.ReadFile("../testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func testKey(t testing.TB) *Key {
	t.Helper()
	k, err := ParseKey(file(t, "a.key"), nil)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestKeySurvivesPEM(t *testing.T) {
	k, err := GenerateKey()
	if err != nil {
		t.Fatal(err)
	}
	for _, passphrase := range []string{"", "correct horse"} {
		text, err := k.PEM([]byte(passphrase))
		if err != nil {
			t.Fatal(err)
		}
		got, err := ParseKey(text, []byte(passphrase))
		if err != nil {
			t.Fatalf("passphrase %q: %v", passphrase, err)
		}
		if !got.private.Equal(k.private) || !got.Public().Equal(k.Public()) {
			t.Errorf("passphrase %q: another key came back", passphrase)
		}
	}
}

func TestParseKeyReadsOpenSSL(t *testing.T) {
	text, err := os.ReadFile("testdata/openssl-encrypted.key")
	if err != nil {
		t.Fatal(err)
	}
	k, err := ParseKey(text, []byte("open sesame"))
	if err != nil {
		t.Fatal(err)
	}
	if want := testKey(t); !k.Public().Equal(want.Public()) {
		t.Errorf("got key %s, want %s", k.Public().Fingerprint(), want.Public().Fingerprint())
	}
}

func TestPassphrase(t *testing.T) {
	text, err := testKey(t).PEM([]byte("right"))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(string(text), "-----BEGIN ENCRYPTED PRIVATE KEY-----\n") {
		t.Errorf("an encrypted key starts with %.40q", text)
	}
	for _, passphrase := range []string{"", "wrong", "right\n", "Right"} {
		if _, err := ParseKey(text, []byte(passphrase)); !errors.Is(err, ErrPassphrase) {
			t.Errorf("passphrase %q: got %v, want %v", passphrase, err, ErrPassphrase)
		}
	}
}

func TestParseKeyRejects(t *testing.T) {
	good, err := testKey(t).PEM(nil)
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := testKey(t).PEM([]byte("x"))
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(sealed)
	cut := pem.EncodeToMemory(&pem.Block{Type: block.Type, Bytes: withoutTail(t, block.Bytes)})
	for name, c := range map[string]struct {
		text []byte
		want string
	}{
		"empty":        {nil, "does not start with a PEM block"},
		"no PEM":       {[]byte("hello"), "does not start with a PEM block"},
		"text before":  {append([]byte("key:\n"), good...), "does not start with a PEM block"},
		"text after":   {append(bytes.Clone(good), "x"...), "text after"},
		"two keys":     {append(bytes.Clone(good), good...), "more than one PEM block"},
		"headers":      {bytes.Replace(good, []byte("KEY-----\n"), []byte("KEY-----\nProc-Type: 4\n\n"), 1), "headers"},
		"public key":   {testKey(t).Public().PEM(), `"PUBLIC KEY", not PRIVATE KEY`},
		"SEC 1":        {pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: []byte{1}}), `"EC PRIVATE KEY"`},
		"garbage DER":  {pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: []byte{1}}), "reading private key"},
		"garbage seal": {pem.EncodeToMemory(&pem.Block{Type: "ENCRYPTED PRIVATE KEY", Bytes: []byte{1}}), "PKCS #5"},
		"truncated":    {cut, "malformed"},
		"P-384":        {file(t, "p384.key"), "must be ECDSA P-256, not P-384"},
		"RSA":          {file(t, "rsa.key"), "must be ECDSA P-256, not *rsa.PrivateKey"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := ParseKey(c.text, []byte("x")); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

// withoutTail cuts the ciphertext of an encrypted key so that it is no longer
// whole blocks, and keeps the DER around it right: the last OCTET STRING becomes
// five bytes shorter.
func withoutTail(t *testing.T, der []byte) []byte {
	t.Helper()
	n := len(der) - 144 // of 144 bytes of ciphertext
	if der[n-3] != 4 || der[n-2] != 0x81 || der[n-1] != 144 || der[1] != 0x81 {
		t.Fatalf("the layout of an encrypted key is another: % x", der[:n])
	}
	der = bytes.Clone(der[:len(der)-5])
	der[n-1] -= 5
	der[2] -= 5
	return der
}

func TestKeyDoesNotPrintItself(t *testing.T) {
	k := testKey(t)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		got := fmt.Sprintf(verb, k)
		if want := "private key of " + k.Public().Fingerprint(); got != want {
			t.Errorf("%s: got %q, want %q", verb, got, want)
		}
	}
}
