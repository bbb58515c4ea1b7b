package ceremony_test

import (
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"

	"github.com/kpm-sh/kpm/internal/ceremony"
	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/trust"
	"github.com/kpm-sh/kpm/signing/signer"
)

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// kit is a repository with document 1, which a, b and c may follow with, two of them.
type kit struct {
	a, b, c, index, stranger *signer.Key
	first                    *trust.Document
}

func newKit(t testing.TB) kit {
	t.Helper()
	k := kit{must(signer.GenerateKey()), must(signer.GenerateKey()), must(signer.GenerateKey()), must(signer.GenerateKey()), must(signer.GenerateKey()), nil}
	doc := &trust.Document{
		Schema: trust.Schema, Repository: "acme", Version: 1, Epoch: 1, Expires: index.At(time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)),
		Signers: map[string]trust.Signer{
			"a": trust.KeySigner(k.a.Public()), "b": trust.KeySigner(k.b.Public()), "c": trust.KeySigner(k.c.Public()), "index": trust.KeySigner(k.index.Public()),
		},
		Roles:      trust.Roles{Trust: trust.Role{Signers: []string{"a", "b", "c"}, Threshold: 2}, Index: trust.Role{Signers: []string{"index"}, Threshold: 1}},
		Extensions: map[string]jsontext.Value{"x": jsontext.Value(`{"b":[1,2],"a":"ü"}`)},
	}
	env := must(trust.Sign(doc, k.a, k.c))
	k.first = must(trust.Open(trust.PinOf(1, env), env))
	return k
}

// carry is the draft as it comes from somebody: written, and read again.
func (k kit) carry(t *testing.T, d *ceremony.Draft) *ceremony.Draft {
	t.Helper()
	got, err := ceremony.Decode(must(d.Encode()), k.first)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestSignedByTwo(t *testing.T) {
	k := newKit(t)
	d := must(ceremony.Begin(k.first))
	must(d.Renew(time.Date(2028, 1, 1, 0, 0, 0, 0, time.UTC)))
	for i, key := range []*signer.Key{k.b, k.c} {
		d = k.carry(t, d)
		if _, _, err := d.Finish(); !errors.Is(err, ceremony.ErrUnsigned) {
			t.Fatalf("with %d signatures: %v", i, err)
		}
		if name := must(d.Sign(key)); name != []string{"b", "c"}[i] {
			t.Errorf("signed as %s", name)
		}
	}
	d = k.carry(t, d)
	env, doc, err := d.Finish()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"b", "c"}, doc.SignedBy()); diff != "" {
		t.Errorf("signers (-want +got):\n%s", diff)
	}
	if pin := must(d.Pin()); pin != trust.PinOf(2, env) {
		t.Errorf("the draft's pin is %s, the document's %s", pin, trust.PinOf(2, env))
	}
	if diff := cmp.Diff([]string{"expires 2028-01-01, not 2027-01-01"}, ceremony.Changes(k.first, doc)); diff != "" {
		t.Errorf("changes (-want +got):\n%s", diff)
	}
	if got := string(doc.Extensions["x"]); got != string(k.first.Extensions["x"]) {
		t.Errorf("the extension became %s", got)
	}
}

func TestChangesTellByIdentity(t *testing.T) {
	k := newKit(t)
	d := must(ceremony.Begin(k.first))
	must(d.AddSigner("ci", trust.KeySigner(k.stranger.Public()), trust.IndexRole))
	must(d.AddSigner("a", trust.KeySigner(k.a.Public()), trust.TestsRole))
	must(d.RemoveSigner("index", true))
	must(d.RemoveSigner("c", true))
	must(d.SetThreshold(trust.TrustRole, 1))
	d.Document.Signers["bea"] = d.Document.Signers["b"]
	delete(d.Document.Signers, "b")
	d.Document.Roles.Trust.Signers = []string{"a", "bea"}
	var got []string
	for _, line := range d.Changes() {
		words, _, _ := strings.Cut(line, ", key ")
		got = append(got, words)
	}
	want := []string{
		"came: ci (index, provenance, tests)", "went: c (trust)", "went: index (index, provenance, tests)",
		"a has other roles: trust, tests, not trust", "b is called bea now",
		"role trust asks for 1 of 2 signatures, not 2", "epoch 2, not 1: after a compromise, everything is synced anew",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// A change that is refused changes nothing, signatures included.
func TestRefusedChange(t *testing.T) {
	k := newKit(t)
	d := must(ceremony.Begin(k.first))
	must(d.Sign(k.a))
	before := string(must(d.Encode()))
	for name, change := range map[string]func() (int, error){
		"nobody signs the index": func() (int, error) { return d.RemoveSigner("index", false) },
		"no such signer":         func() (int, error) { return d.RemoveSigner("x", false) },
		"threshold":              func() (int, error) { return d.SetThreshold(trust.TrustRole, 4) },
		"no threshold":           func() (int, error) { return d.SetThreshold(trust.TrustRole, 0) },
		"no such role":           func() (int, error) { return d.SetThreshold("x", 1) },
		"name taken":             func() (int, error) { return d.AddSigner("a", trust.KeySigner(k.stranger.Public()), trust.TrustRole) },
		"key twice":              func() (int, error) { return d.AddSigner("d", trust.KeySigner(k.a.Public()), trust.TrustRole) },
		"odd name":               func() (int, error) { return d.AddSigner("d d", trust.KeySigner(k.stranger.Public()), trust.TrustRole) },
		"attestation threshold":  func() (int, error) { return d.SetThreshold(trust.TestsRole, 2) },
	} {
		if _, err := change(); err == nil {
			t.Errorf("%s: accepted", name)
		}
		if after := string(must(d.Encode())); after != before {
			t.Errorf("%s: the draft changed:\n%s", name, after)
		}
	}
	if dropped := must(d.RemoveSigner("c", false)); dropped != 1 {
		t.Errorf("%d signatures were taken off, want 1", dropped)
	}
}

// Whoever sends a draft cannot say what it is compared with, and no signature of a
// stranger counts.
func TestDecodeRefuses(t *testing.T) {
	k, other := newKit(t), newKit(t)
	d := must(ceremony.Begin(k.first))
	if _, err := d.Sign(k.stranger); trust.CodeOf(err) != trust.WrongSigner {
		t.Errorf("a stranger signs: %v", err)
	}
	if _, err := d.Sign(k.index); trust.CodeOf(err) != trust.WrongSigner {
		t.Errorf("the index key signs: %v", err)
	}
	text := string(must(d.Encode()))
	if _, err := ceremony.Decode([]byte(text), other.first); err == nil {
		t.Error("a draft of another repository was taken")
	}
	for name, edit := range map[string][2]string{
		"schema":     {`"kpm.draft/v1"`, `"kpm.draft/v2"`},
		"number":     {`"version": 2`, `"version": 3`},
		"repository": {`"repository": "acme"`, `"repository": "acne"`},
		"no epoch":   {`"epoch": 1`, `"epoch": 0`},
		"more":       {`"signatures": []`, `"signatures": [], "x": 1`},
		"twice":      {`"signatures": []`, `"signatures": [], "signatures": []`},
		"many":       {`"signatures": []`, `"signatures": [` + strings.Repeat("{},", 16) + `{}]`},
	} {
		bad := strings.Replace(text, edit[0], edit[1], 1)
		if bad == text {
			t.Fatalf("%s: the draft has no %s", name, edit[0])
		}
		if _, err := ceremony.Decode([]byte(bad), k.first); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func FuzzDraft(f *testing.F) {
	text := must(os.ReadFile("../trust/testdata/1.json"))
	env := must(index.DecodeEnvelope(text))
	first := must(trust.Open(trust.PinOf(1, env), env))
	f.Add(must(must(ceremony.Begin(first)).Encode()))
	f.Add([]byte(`{"schema":"kpm.draft/v1"}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		d, err := ceremony.Decode(text, first)
		if err != nil {
			return
		}
		again, err := ceremony.Decode(must(d.Encode()), first)
		if err != nil || must(again.Pin()) != must(d.Pin()) {
			t.Errorf("the draft does not survive its own writing: %v", err)
		}
		if _, _, err := d.Finish(); err == nil {
			t.Error("a draft that nobody signed is finished")
		}
	})
}
