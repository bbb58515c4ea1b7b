package signing_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kpm-sh/kpm/signing"
	"github.com/kpm-sh/kpm/signing/signer"
)

var update = flag.Bool("update", false, "write the golden files")

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// testKey reads testdata/NAME.key. The keys there are for tests only.
func testKey(t testing.TB, name string) *signer.Key {
	t.Helper()
	text, err := os.ReadFile("testdata/" + name + ".key")
	if err != nil {
		t.Fatal(err)
	}
	k, err := signer.ParseKey(text, nil)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// policyOf wants threshold of the keys.
func policyOf(threshold int, keys ...*signer.Key) signing.Policy {
	p := signing.Policy{Threshold: threshold}
	for _, k := range keys {
		p.Verifiers = append(p.Verifiers, must(signing.KeyVerifier(k.Public())))
	}
	return p
}

func idOf(k *signer.Key) signing.Identity {
	return signing.Identity{Key: k.Public().Fingerprint()}
}

func TestOpenGivesWhatWasSigned(t *testing.T) {
	a, b := testKey(t, "a"), testKey(t, "b")
	content := []byte("payload")
	v, err := signing.Open(content, [][]byte{must(b.Sign(content)), must(a.Sign(content))}, policyOf(2, a, b))
	if err != nil {
		t.Fatal(err)
	}
	if got := string(v.Bytes()); got != "payload" {
		t.Errorf("got content %q", got)
	}
	if diff := cmp.Diff([]signing.Identity{idOf(b), idOf(a)}, v.Signers()); diff != "" {
		t.Errorf("signers (-want +got):\n%s", diff)
	}
}

func TestVerifiedDoesNotChange(t *testing.T) {
	a := testKey(t, "a")
	content := []byte("payload")
	v := must(signing.Open(content, [][]byte{must(a.Sign(content))}, policyOf(1, a)))
	content[0] = 'X'
	v.Bytes()[1] = 'X'
	v.Signers()[0] = signing.Identity{}
	if got := string(v.Bytes()); got != "payload" || v.Signers()[0] != idOf(a) {
		t.Errorf("content became %q, signers %v", got, v.Signers())
	}
}

// TestGolden guards that bundles have the same bytes in every run, on every
// machine and with every Go version, and that such a bundle verifies.
func TestGolden(t *testing.T) {
	a := testKey(t, "a")
	payload := []byte("{\"schema\":\"kpm.index/v1\"}")
	stmt := must(testProvenance().Statement())
	for name, got := range map[string][]byte{
		"payload.sigstore.json":    must(a.Sign(payload)),
		"provenance.json":          stmt,
		"provenance.sigstore.json": must(a.Attest(stmt)),
	} {
		path := "testdata/" + name
		if *update {
			if err := os.WriteFile(path, got, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if want := must(os.ReadFile(path)); !bytes.Equal(got, want) {
			t.Errorf("%s: got\n%s\nwant\n%s", name, got, want)
		}
	}
	bundle := must(os.ReadFile("testdata/payload.sigstore.json"))
	if _, err := signing.Open(payload, [][]byte{bundle}, policyOf(1, a)); err != nil {
		t.Error(err)
	}
	v, err := signing.OpenStatement(must(os.ReadFile("testdata/provenance.sigstore.json")), policyOf(1, a))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(v.Bytes(), stmt) {
		t.Errorf("got statement %s, want %s", v.Bytes(), stmt)
	}
}

// edit changes one thing in a bundle, given as decoded JSON.
func edit(t *testing.T, bundle []byte, change func(map[string]any)) []byte {
	t.Helper()
	var b map[string]any
	if err := json.Unmarshal(bundle, &b); err != nil {
		t.Fatal(err)
	}
	change(b)
	return must(json.Marshal(b))
}

func flip(b64 any) string {
	raw := must(base64.StdEncoding.DecodeString(b64.(string)))
	raw[len(raw)-1] ^= 1
	return base64.StdEncoding.EncodeToString(raw)
}

func TestOpenRejects(t *testing.T) {
	a, other := testKey(t, "a"), testKey(t, "b")
	content := []byte("payload")
	good := must(a.Sign(content))
	signature := func(b map[string]any) map[string]any { return b["messageSignature"].(map[string]any) }
	digest := func(b map[string]any) map[string]any { return signature(b)["messageDigest"].(map[string]any) }
	material := func(b map[string]any) map[string]any { return b["verificationMaterial"].(map[string]any) }
	for name, c := range map[string]struct {
		content string
		bundle  []byte
	}{
		"payload byte":  {"paylOad", good},
		"empty payload": {"", good},
		"payload byte, and digest to match": {"paylOad", edit(t, good, func(b map[string]any) {
			sum := sha256.Sum256([]byte("paylOad"))
			digest(b)["digest"] = base64.StdEncoding.EncodeToString(sum[:])
		})},
		"signature bit":    {"payload", edit(t, good, func(b map[string]any) { signature(b)["signature"] = flip(signature(b)["signature"]) })},
		"no signature":     {"payload", edit(t, good, func(b map[string]any) { delete(signature(b), "signature") })},
		"digest bit":       {"payload", edit(t, good, func(b map[string]any) { digest(b)["digest"] = flip(digest(b)["digest"]) })},
		"no digest":        {"payload", edit(t, good, func(b map[string]any) { delete(signature(b), "messageDigest") })},
		"digest algorithm": {"payload", edit(t, good, func(b map[string]any) { digest(b)["algorithm"] = "SHA2_512" })},
		"other key":        {"payload", must(other.Sign(content))},
		"other key with our hint": {"payload", edit(t, must(other.Sign(content)), func(b map[string]any) {
			material(b)["publicKey"] = map[string]any{"hint": hintOf(a)}
		})},
		"no material":    {"payload", edit(t, good, func(b map[string]any) { delete(b, "verificationMaterial") })},
		"empty material": {"payload", edit(t, good, func(b map[string]any) { delete(material(b), "publicKey") })},
		"bundle v0.1": {"payload", edit(t, good, func(b map[string]any) {
			b["mediaType"] = "application/vnd.dev.sigstore.bundle+json;version=0.1"
		})},
		"bundle v0.2": {"payload", edit(t, good, func(b map[string]any) {
			b["mediaType"] = "application/vnd.dev.sigstore.bundle+json;version=0.2"
		})},
		"bundle v0.4": {"payload", edit(t, good, func(b map[string]any) {
			b["mediaType"] = "application/vnd.dev.sigstore.bundle.v0.4+json"
		})},
		"no version":     {"payload", edit(t, good, func(b map[string]any) { delete(b, "mediaType") })},
		"unknown field":  {"payload", edit(t, good, func(b map[string]any) { b["x"] = 1 })},
		"two of a field": {"payload", bytes.Replace(good, []byte("{"), []byte(`{"mediaType":"x",`), 1)},
		"trailing data":  {"payload", append(bytes.Clone(good), '{')},
		"garbage":        {"payload", []byte("<html>not found</html>")},
		"null":           {"payload", []byte("null")},
		"empty object":   {"payload", []byte("{}")},
		"nothing":        {"payload", nil},
		"deep":           {"payload", bytes.Repeat([]byte("["), 10_000)},
		"oversized":      {"payload", append(bytes.Clone(good), bytes.Repeat([]byte(" "), signing.MaxBundle)...)},
		"attestation that has the payload as subject": {"payload", must(a.Attest(subjectStatement(content)))},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := signing.Open([]byte(c.content), [][]byte{c.bundle}, policyOf(1, a))
			var few *signing.ThresholdError
			if !errors.Is(err, signing.ErrSignature) || !errors.As(err, &few) {
				t.Fatalf("got %v, want %v", err, signing.ErrSignature)
			}
			if len(few.Signers) != 0 || few.Want != 1 || len(few.Causes) != 1 {
				t.Errorf("got %d of %d signatures and causes %v", len(few.Signers), few.Want, few.Causes)
			}
		})
	}
}

// hintOf is the hint that signer writes into a bundle.
func hintOf(k *signer.Key) string {
	sum := k.Public().Digest()
	return base64.StdEncoding.EncodeToString(sum[:])
}

// privateKey is testdata/KEY.key without any code of ours.
func privateKey(t *testing.T, key string) *ecdsa.PrivateKey {
	t.Helper()
	block, _ := pem.Decode(must(os.ReadFile("testdata/" + key + ".key")))
	return must(x509.ParsePKCS8PrivateKey(block.Bytes)).(*ecdsa.PrivateKey)
}

// attestAs is a bundle that testdata/KEY.key validly signed, with a payload type
// that signer never writes: DSSE signs the type too.
func attestAs(t *testing.T, key, payloadType string, payload []byte) []byte {
	t.Helper()
	sum := sha256.Sum256(fmt.Appendf(nil, "DSSEv1 %d %s %d %s", len(payloadType), payloadType, len(payload), payload))
	signature := must(privateKey(t, key).Sign(nil, sum[:], crypto.SHA256))
	return edit(t, must(testKey(t, key).Attest(payload)), func(b map[string]any) {
		envelope := b["dsseEnvelope"].(map[string]any)
		envelope["payloadType"] = payloadType
		envelope["signatures"].([]any)[0].(map[string]any)["sig"] = base64.StdEncoding.EncodeToString(signature)
	})
}

func subjectStatement(content []byte) []byte {
	sum := sha256.Sum256(content)
	p := testProvenance()
	p.SHA256 = hex.EncodeToString(sum[:])
	return must(p.Statement())
}

func TestOpenIgnoresTheHint(t *testing.T) {
	a := testKey(t, "a")
	content := []byte("payload")
	for _, hint := range []string{"", "somebody else", hintOf(testKey(t, "b"))} {
		bundle := edit(t, must(a.Sign(content)), func(b map[string]any) {
			b["verificationMaterial"] = map[string]any{"publicKey": map[string]any{"hint": hint}}
		})
		if _, err := signing.Open(content, [][]byte{bundle}, policyOf(1, a)); err != nil {
			t.Errorf("hint %q: %v", hint, err)
		}
	}
}

// secondSignature is another valid signature of k: this one uses randomness.
func secondSignature(t *testing.T, key string, content []byte) []byte {
	t.Helper()
	sum := sha256.Sum256(content)
	sig := must(ecdsa.SignASN1(rand.Reader, privateKey(t, key), sum[:]))
	return edit(t, must(testKey(t, key).Sign(content)), func(b map[string]any) {
		b["messageSignature"].(map[string]any)["signature"] = base64.StdEncoding.EncodeToString(sig)
	})
}

func TestThreshold(t *testing.T) {
	a, b, c := testKey(t, "a"), testKey(t, "b"), testKey(t, "c")
	content := []byte("payload")
	byA, byB, byC := must(a.Sign(content)), must(b.Sign(content)), must(c.Sign(content))
	garbage := []byte("{")
	for name, tc := range map[string]struct {
		bundles [][]byte
		policy  signing.Policy
		want    int // signers, of those wanted; all is well when they are not fewer
	}{
		"1 of 1":                           {[][]byte{byA}, policyOf(1, a), 1},
		"1 of 2 keys":                      {[][]byte{byB}, policyOf(1, a, b), 1},
		"2 of 2":                           {[][]byte{byA, byB}, policyOf(2, a, b), 2},
		"2 of 3 and a stranger":            {[][]byte{byC, garbage, byA, byB}, policyOf(2, a, b), 2},
		"more than needed":                 {[][]byte{byA, byB, byC}, policyOf(2, a, b, c), 3},
		"one missing":                      {[][]byte{byA}, policyOf(2, a, b), 1},
		"a stranger instead":               {[][]byte{byA, byC}, policyOf(2, a, b), 1},
		"one bundle twice":                 {[][]byte{byA, byA}, policyOf(2, a, b), 1},
		"one key, two signatures":          {[][]byte{byA, secondSignature(t, "a", content)}, policyOf(2, a, b), 1},
		"one key under two labels":         {[][]byte{byA}, policyOf(2, a, a), 1},
		"one key, two labels, two bundles": {[][]byte{byA, secondSignature(t, "a", content)}, policyOf(2, a, a), 1},
		"no bundles":                       {nil, policyOf(1, a), 0},
		"no verifiers":                     {[][]byte{byA}, policyOf(1), 0},
	} {
		t.Run(name, func(t *testing.T) {
			v, err := signing.Open(content, tc.bundles, tc.policy)
			got := len(v.Signers())
			var few *signing.ThresholdError
			if errors.As(err, &few) {
				got = len(few.Signers)
			}
			if ok := tc.want >= tc.policy.Threshold; got != tc.want || (err == nil) != ok {
				t.Errorf("got %d signers, want %d of %d: %v", got, tc.want, tc.policy.Threshold, err)
			}
		})
	}
}

func TestThresholdBelowOne(t *testing.T) {
	a := testKey(t, "a")
	content := []byte("payload")
	for _, n := range []int{0, -1} {
		if _, err := signing.Open(content, [][]byte{must(a.Sign(content))}, policyOf(n, a)); err == nil {
			t.Errorf("threshold %d was accepted", n)
		}
		if _, err := signing.Open(content, nil, signing.Policy{Threshold: n}); err == nil {
			t.Errorf("threshold %d without bundles was accepted", n)
		}
	}
}

func TestThresholdErrorText(t *testing.T) {
	a, b := testKey(t, "a"), testKey(t, "b")
	content := []byte("payload")
	_, err := signing.Open(content, [][]byte{must(a.Sign(content)), nil}, policyOf(2, a, b))
	if err == nil || !strings.HasPrefix(err.Error(), "1 of 2 signatures: reading bundle: ") {
		t.Errorf("got %v", err)
	}
}

func TestOpenStatementRejects(t *testing.T) {
	a := testKey(t, "a")
	stmt := must(testProvenance().Statement())
	good := must(a.Attest(stmt))
	envelope := func(b map[string]any) map[string]any { return b["dsseEnvelope"].(map[string]any) }
	for name, bundle := range map[string][]byte{
		"other key": must(testKey(t, "b").Attest(stmt)),
		"statement byte": edit(t, good, func(b map[string]any) {
			other := bytes.Replace(stmt, []byte("2.2.0"), []byte("2.2.1"), 1)
			envelope(b)["payload"] = base64.StdEncoding.EncodeToString(other)
		}),
		"payload type":   edit(t, good, func(b map[string]any) { envelope(b)["payloadType"] = "text/plain" }),
		"signed as text": attestAs(t, "a", "text/plain", stmt),
		"signature bit": edit(t, good, func(b map[string]any) {
			s := envelope(b)["signatures"].([]any)[0].(map[string]any)
			s["sig"] = flip(s["sig"])
		}),
		"two signatures": edit(t, good, func(b map[string]any) {
			s := envelope(b)["signatures"].([]any)
			envelope(b)["signatures"] = append(s, s[0])
		}),
		"no signature":                   edit(t, good, func(b map[string]any) { delete(envelope(b), "signatures") }),
		"no payload":                     edit(t, good, func(b map[string]any) { delete(envelope(b), "payload") }),
		"not a statement":                must(a.Attest([]byte("hello"))),
		"a signature over the statement": must(a.Sign(stmt)),
		"garbage":                        []byte("]"),
		"bundle v0.1": edit(t, good, func(b map[string]any) {
			b["mediaType"] = "application/vnd.dev.sigstore.bundle+json;version=0.1"
		}),
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := signing.OpenStatement(bundle, policyOf(1, a)); !errors.Is(err, signing.ErrSignature) {
				t.Errorf("got %v, want %v", err, signing.ErrSignature)
			}
		})
	}
	text := attestAs(t, "a", "text/plain", stmt)
	if _, err := signing.OpenStatement(text, policyOf(1, a)); err == nil || !strings.Contains(err.Error(), `it carries "text/plain"`) {
		t.Errorf("got %v, which does not name the payload type", err)
	}
	if _, err := signing.OpenStatement(good, policyOf(2, a, testKey(t, "b"))); !errors.Is(err, signing.ErrSignature) {
		t.Errorf("threshold 2: got %v, want %v", err, signing.ErrSignature)
	}
}

func TestBundleSizeWhenSigning(t *testing.T) {
	if _, err := testKey(t, "a").Attest(make([]byte, signing.MaxBundle)); err == nil {
		t.Error("a bundle above the limit was made")
	}
}

func FuzzOpen(f *testing.F) {
	a := testKey(f, "a")
	content := []byte("payload")
	stmt := must(testProvenance().Statement())
	f.Add(must(a.Sign(content)))
	f.Add(must(a.Attest(stmt)))
	f.Add([]byte(`{"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json","verificationMaterial":{"certificate":{"rawBytes":"AAAA"}},"messageSignature":{}}`))
	f.Add([]byte(`{"verificationMaterial":{"publicKey":null,"tlogEntries":[null]},"dsseEnvelope":{"signatures":[null]}}`))
	policy := policyOf(1, a)
	f.Fuzz(func(t *testing.T, bundle []byte) {
		if v, err := signing.Open(content, [][]byte{bundle}, policy); err == nil && string(v.Bytes()) != string(content) {
			t.Errorf("got content %q", v.Bytes())
		}
		if v, err := signing.OpenStatement(bundle, policy); err == nil && !bytes.Equal(v.Bytes(), stmt) {
			t.Errorf("a forged statement: %s", v.Bytes())
		}
	})
}

func BenchmarkSign(b *testing.B) {
	a, content := testKey(b, "a"), make([]byte, 4096)
	for b.Loop() {
		must(a.Sign(content))
	}
}

func BenchmarkAttestAndOpenStatement(b *testing.B) {
	a := testKey(b, "a")
	policy := policyOf(1, a)
	for b.Loop() {
		stmt := must(testProvenance().Statement())
		must(signing.ParseProvenance(must(signing.OpenStatement(must(a.Attest(stmt)), policy))))
	}
}

func BenchmarkKeyVerifier(b *testing.B) {
	pub := testKey(b, "a").Public()
	for b.Loop() {
		must(signing.KeyVerifier(pub))
	}
}
