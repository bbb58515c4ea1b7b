package trust

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/signing"
)

// full is a document that uses every field of the format.
func (k kit) full() *Document {
	d := k.document()
	d.Signers["ci"] = Signer{Keyless: &Keyless{
		Sigstore:         "corp",
		Issuer:           "https://issuer.example",
		SAN:              "https://ci.example/publish.yml@refs/heads/main",
		SourceRepository: "https://git.example/acme",
	}}
	d.Roles.Index.Signers = []string{"index", "ci"}
	d.Roles.Provenance = &Role{[]string{"ci"}, 1}
	d.Roles.Tests = &Role{[]string{"index"}, 1}
	d.Sigstore = map[string]Sigstore{"corp": {index.RefOf([]byte("root")), signing.ProfilePrivateTSA}}
	return d
}

func TestDocumentSurvivesEncode(t *testing.T) {
	k := newKit(t)
	for name, d := range map[string]*Document{"plain": k.document(), "full": k.full()} {
		payload := must(d.Encode())
		if again := must(d.Encode()); !bytes.Equal(payload, again) {
			t.Errorf("%s: two encodings differ:\n%s\n%s", name, payload, again)
		}
		got, err := DecodeDocument(payload)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if diff := cmp.Diff(d, got, cmpopts.IgnoreUnexported(Document{}), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if got.Digest() != index.DigestOf(payload) || got.Root() != got.Digest() {
			t.Errorf("%s: digest %s, root %s", name, got.Digest(), got.Root())
		}
	}
}

func TestDefaultRoles(t *testing.T) {
	d := newKit(t).document()
	d.Roles.Index = Role{[]string{"index", "spare"}, 2}
	anyOne := Role{[]string{"index", "spare"}, 1}
	for name, want := range map[RoleName]Role{
		TrustRole: d.Roles.Trust, IndexRole: d.Roles.Index, ProvenanceRole: anyOne, TestsRole: anyOne, "x": {},
	} {
		if diff := cmp.Diff(want, d.Role(name)); diff != "" {
			t.Errorf("role %s (-want +got):\n%s", name, diff)
		}
	}
	d.Roles.Provenance = &Role{[]string{"trust"}, 1}
	if got := d.Role(ProvenanceRole); got.Signers[0] != "trust" {
		t.Errorf("got %v, want the role that is given", got)
	}
}

func TestDocumentRules(t *testing.T) {
	k := newKit(t)
	for name, c := range map[string]struct {
		change func(*Document)
		want   string
	}{
		"schema":             {func(d *Document) { d.Schema = index.HeadSchema }, "schema is"},
		"no repository":      {func(d *Document) { d.Repository = "" }, "repository"},
		"repository of two":  {func(d *Document) { d.Repository = "acme edge" }, "repository"},
		"repository, bidi":   {func(d *Document) { d.Repository = "acme\u202e" }, "repository"},
		"version 0":          {func(d *Document) { d.Version = 0 }, "version is below 1"},
		"epoch 0":            {func(d *Document) { d.Epoch = 0 }, "epoch is below 1"},
		"no expiry":          {func(d *Document) { d.Expires = index.Time{} }, "expires"},
		"endless grace":      {func(d *Document) { d.MaxGraceDays = 3651 }, "maxGraceDays"},
		"no signers":         {func(d *Document) { d.Signers = nil }, "0 signers"},
		"signer's name":      {func(d *Document) { d.Signers["a b"] = d.Signers["index"] }, "the name is not"},
		"signer is nothing":  {func(d *Document) { d.Signers["x"] = Signer{} }, "either a key or keyless"},
		"signer is both":     {func(d *Document) { s := d.Signers["ci"]; s.Key = d.Signers["index"].Key; d.Signers["ci"] = s }, "either a key or keyless"},
		"key without PEM":    {func(d *Document) { d.Signers["x"] = Signer{Key: &Key{}} }, "pem is not given"},
		"unknown sigstore":   {func(d *Document) { d.Signers["ci"].Keyless.Sigstore = "other" }, "not in the document"},
		"no issuer":          {func(d *Document) { d.Signers["ci"].Keyless.Issuer = "" }, "issuer"},
		"no san":             {func(d *Document) { d.Signers["ci"].Keyless.SAN = "" }, "san"},
		"odd source":         {func(d *Document) { d.Signers["ci"].Keyless.SourceRepository = "a\nb" }, "sourceRepository"},
		"profile":            {func(d *Document) { s := d.Sigstore["corp"]; s.Profile = "none"; d.Sigstore["corp"] = s }, "profile"},
		"trusted root":       {func(d *Document) { d.Sigstore["corp"] = Sigstore{Profile: PublicGood} }, "sha256 is not a digest"},
		"trusted root size":  {func(d *Document) { s := d.Sigstore["corp"]; s.TrustedRoot.Size = 1 << 40; d.Sigstore["corp"] = s }, "size is"},
		"role without":       {func(d *Document) { d.Roles.Index.Signers = nil }, "role index: there are no signers"},
		"unknown signer":     {func(d *Document) { d.Roles.Index.Signers = []string{"nobody"} }, `role index: signer "nobody" is not`},
		"signer twice":       {func(d *Document) { d.Roles.Index.Signers = []string{"index", "index"} }, "there twice"},
		"threshold 0":        {func(d *Document) { d.Roles.Index.Threshold = 0 }, "threshold is 0, not 1 to 2"},
		"threshold above":    {func(d *Document) { d.Roles.Index.Threshold = 3 }, "threshold is 3, not 1 to 2"},
		"provenance of two":  {func(d *Document) { d.Roles.Provenance = &Role{[]string{"ci", "index"}, 2} }, "an attestation has one signature"},
		"keyless trust role": {func(d *Document) { d.Roles.Trust = Role{[]string{"ci"}, 1} }, "0 distinct keys do not reach"},
		"trust role needs keyless": {func(d *Document) {
			d.Roles.Trust = Role{[]string{"trust", "ci"}, 2}
		}, "1 distinct keys do not reach"},
		"one key under two names": {func(d *Document) {
			d.Signers["again"] = d.Signers["trust"]
			d.Roles.Trust = Role{[]string{"trust", "again"}, 2}
		}, "threshold is 2, not 1 to 1"},
		"one identity under two names": {func(d *Document) {
			ci := *d.Signers["ci"].Keyless
			d.Signers["again"] = Signer{Keyless: &ci}
			d.Roles.Index = Role{[]string{"ci", "again"}, 2}
		}, "threshold is 2, not 1 to 1"},
	} {
		t.Run(name, func(t *testing.T) {
			d := k.full()
			c.change(d)
			if _, err := d.Encode(); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

func TestDecodeDocumentRejects(t *testing.T) {
	k := newKit(t)
	good := string(must(k.full().Encode()))
	if !strings.Contains(good, `"extensions":{}`) {
		t.Fatalf("no extensions in %s", good)
	}
	begin := "-----BEGIN PUBLIC KEY-----"
	for name, c := range map[string]struct{ old, new string }{
		"unknown key":           {`{`, `{"x":1,`},
		"unknown key, deep":     {`"threshold":1`, `"threshold":1,"x":1`},
		"key twice":             {`"epoch":1`, `"epoch":1,"epoch":2`},
		"key in another case":   {`"epoch"`, `"Epoch"`},
		"fraction":              {`"epoch":1`, `"epoch":1.5`},
		"negative":              {`"maxGraceDays":90`, `"maxGraceDays":-90`},
		"time with an offset":   {`10:00:00Z`, `10:00:00+00:00`},
		"PEM with second block": {begin, begin + `\n-----END PUBLIC KEY-----\n` + begin},
		"PEM with text":         {begin, `x` + begin},
		"trailing data":         {good, good + "{}"},
		"null":                  {good, "null"},
		"array":                 {good, "[" + good + "]"},
		"empty":                 {good, "{}"},
		"nothing":               {good, ""},
		"deep":                  {`"extensions":{}`, `"extensions":{"x":` + strings.Repeat("[", 40) + strings.Repeat("]", 40) + `}`},
		"oversized":             {good, good + strings.Repeat(" ", index.MaxTrust)},
	} {
		t.Run(name, func(t *testing.T) {
			if !strings.Contains(good, c.old) {
				t.Fatalf("there is no %s in %s", c.old, good)
			}
			if _, err := DecodeDocument([]byte(strings.Replace(good, c.old, c.new, 1))); err == nil {
				t.Error("it was accepted")
			}
		})
	}
	more := strings.Replace(good, `"extensions":{}`, `"extensions":{"x":{"y":1}}`, 1)
	if _, err := DecodeDocument([]byte(more)); err != nil {
		t.Errorf("an extension: %v", err)
	}
	if _, err := DecodeDocument([]byte("{}")); !errors.Is(err, index.ErrFormat) {
		t.Errorf("got %v, want %v", err, index.ErrFormat)
	}
}

func FuzzDecodeDocument(f *testing.F) {
	k := newKit(f)
	f.Add(must(k.document().Encode()))
	f.Add(must(k.full().Encode()))
	f.Add([]byte(`{"schema":"kpm.trust/v1","signers":{"a":{"key":{"pem":null}}},"roles":{"trust":{"signers":["a"],"threshold":1}}}`))
	f.Fuzz(func(t *testing.T, payload []byte) {
		d, err := DecodeDocument(payload)
		if err != nil {
			return
		}
		again, err := DecodeDocument(must(d.Encode()))
		if err != nil {
			t.Fatalf("what was read cannot be written: %v", err)
		}
		if diff := cmp.Diff(d, again, cmpopts.IgnoreUnexported(Document{}), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("(-first +again):\n%s", diff)
		}
	})
}
