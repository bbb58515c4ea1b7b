package trust

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/signing/signer"
)

func TestPin(t *testing.T) {
	want := Pin{17, index.DigestOf(nil)}
	got, err := ParsePin(want.String())
	if err != nil || got != want {
		t.Errorf("got %v, %v, want %v", got, err, want)
	}
	digest := string(want.Digest)
	for _, s := range []string{
		"", "1", "@sha256:" + digest, "0@sha256:" + digest, "-1@sha256:" + digest, "+1@sha256:" + digest, "01@sha256:" + digest,
		"1@sha512:" + digest, "1@sha256:" + digest[1:], "1@sha256:" + strings.ToUpper(digest), " 1@sha256:" + digest,
		"1@sha256:" + digest + "\n", "99999999999999999999@sha256:" + digest,
	} {
		if p, err := ParsePin(s); err == nil {
			t.Errorf("%q was read as %v", s, p)
		}
	}
}

// reencode writes an envelope with other white space, escapes and order of keys.
func reencode(t *testing.T, env *index.Envelope) *index.Envelope {
	t.Helper()
	var raw map[string]any
	if err := json.Unmarshal(must(env.Encode()), &raw); err != nil {
		t.Fatal(err)
	}
	text := must(json.MarshalIndent(raw, "", "\t"))
	if bytes.Equal(text, must(env.Encode())) {
		t.Fatal("the encoding is the same")
	}
	return must(index.DecodeEnvelope(text))
}

func TestReencodedEnvelopeKeepsThePin(t *testing.T) {
	k := newKit(t)
	env := must(Sign(k.document(), k.trust))
	if _, err := Open(PinOf(1, env), reencode(t, env)); err != nil {
		t.Error(err)
	}
}

func TestOpenRejects(t *testing.T) {
	k := newKit(t)
	good := must(Sign(k.document(), k.trust))
	touched := index.NewEnvelope([]byte(good.Payload+" "), good.Bundles()...)
	second := k.document()
	second.Version = 2
	another := must(Sign(second, k.trust))
	odd := must(cosign(index.NewEnvelope([]byte("{}")), k.trust))
	for name, c := range map[string]struct {
		pin  Pin
		env  *index.Envelope
		code Code
		part string
	}{
		"other digest":     {Pin{1, index.DigestOf(nil)}, good, TrustPin, "expected sha256:e3b0c442"},
		"touched payload":  {PinOf(1, good), touched, TrustPin, "has the digest"},
		"touched, pinned":  {PinOf(1, touched), touched, TrustChain, "0 of 1 valid signatures"},
		"number":           {PinOf(1, another), another, TrustPin, "number 2, expected 1"},
		"not signed by it": {PinOf(1, good), must(Sign(k.document(), k.stranger)), TrustChain, "0 of 1"},
		"by the index key": {PinOf(1, good), must(Sign(k.document(), k.index)), TrustChain, "but by index"},
		"not a document":   {PinOf(1, odd), odd, Format, "cannot be read"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Open(c.pin, c.env)
			want(t, err, c.code, c.part)
		})
	}
}

// TestChain rotates every key of a repository away, one document at a time.
func TestChain(t *testing.T) {
	k := newKit(t)
	d1 := k.open(t, k.document())
	fresh := must(signer.GenerateKey())

	d2 := k.next(t, d1, func(d *Document) { // a new spare
		d.Signers["spare"] = KeySigner(fresh.Public())
	})
	env3 := must(Sign(successor(d2, func(d *Document) { // the new spare drops the old trust key
		delete(d.Signers, "trust")
		d.Roles.Trust.Signers = []string{"spare"}
	}), fresh))
	d3, err := OpenNext(d2, env3)
	if err != nil {
		t.Fatal(err)
	}
	if d3.Root() != d1.Digest() || d3.Version != 3 {
		t.Errorf("got document %d with root %s, want 3 with %s", d3.Version, d3.Root(), d1.Digest())
	}
	late, err := Open(PinOf(3, env3), env3)
	if err != nil {
		t.Fatal(err)
	}
	if late.Root() != "" {
		t.Errorf("a document opened by pin 3 knows the root %s", late.Root())
	}
	_, err = OpenNext(d3, must(Sign(successor(d3, func(*Document) {}), k.trust)))
	want(t, err, TrustChain, "validly signed, but by trust")
}

func TestOpenNextRejects(t *testing.T) {
	k := newKit(t)
	both := k.document()
	both.Roles.Trust.Threshold = 2
	for name, c := range map[string]struct {
		first  *Document
		change func(*Document)
		keys   []SigningKey
		code   Code
		part   string
	}{
		"stranger":        {k.document(), func(*Document) {}, []SigningKey{k.stranger}, TrustChain, "0 of 1"},
		"index key":       {k.document(), func(*Document) {}, []SigningKey{k.index}, TrustChain, "but by index"},
		"one of two":      {both, func(*Document) {}, []SigningKey{k.trust}, TrustChain, "1 of 2"},
		"one key twice":   {both, func(*Document) {}, []SigningKey{k.trust, k.trust}, TrustChain, "1 of 2"},
		"a gap":           {k.document(), func(d *Document) { d.Version = 3 }, []SigningKey{k.trust}, TrustChain, "number 3, expected 2"},
		"the same again":  {k.document(), func(d *Document) { d.Version = 1 }, []SigningKey{k.trust}, TrustChain, "number 1, expected 2"},
		"repository":      {k.document(), func(d *Document) { d.Repository = "acme-edge" }, []SigningKey{k.trust}, TrustChain, "acme-edge, expected acme"},
		"not by itself":   {k.document(), stolen(k), []SigningKey{k.trust}, TrustChain, "trust document 2 of acme says so"},
		"only by itself":  {k.document(), stolen(k), []SigningKey{k.stranger}, TrustChain, "trust document 1 of acme says so"},
		"threshold grows": {k.document(), func(d *Document) { d.Roles.Trust.Threshold = 2 }, []SigningKey{k.trust}, TrustChain, "1 of 2"},
	} {
		t.Run(name, func(t *testing.T) {
			d := k.open(t, c.first)
			_, err := OpenNext(d, must(Sign(successor(d, c.change), c.keys...)))
			want(t, err, c.code, c.part)
		})
	}
}

// stolen gives the trust role to the stranger.
func stolen(k kit) func(*Document) {
	return func(d *Document) {
		d.Signers["new"] = KeySigner(k.stranger.Public())
		d.Roles.Trust = Role{[]string{"new"}, 1}
	}
}

func TestOpenNextByBothOldAndNew(t *testing.T) {
	k := newKit(t)
	d := k.open(t, k.document())
	half := must(Sign(successor(d, stolen(k)), k.trust))
	whole := must(cosign(half, k.stranger)) // the holders sign one after another
	if _, err := OpenNext(d, whole); err != nil {
		t.Error(err)
	}
	if whole.Digest() != half.Digest() {
		t.Error("signing once more changed the payload")
	}
}

func TestOpenNextEpoch(t *testing.T) {
	k := newKit(t)
	first := k.document()
	first.Epoch = 5
	d := k.open(t, first)
	for epoch, code := range map[int64]Code{4: TrustChain, 5: "", 6: "", 9: ""} {
		_, err := OpenNext(d, must(Sign(successor(d, func(d *Document) { d.Epoch = epoch }), k.trust)))
		want(t, err, code, "epoch 4, expected 5 or higher")
	}
}

func TestOpenNextOfOtherBytes(t *testing.T) {
	k := newKit(t)
	d := k.open(t, k.document())
	_, err := OpenNext(d, must(cosign(index.NewEnvelope([]byte(`{"schema":"kpm.index/v1"}`)), k.trust)))
	want(t, err, Format, "cannot be read")
	_, err = OpenNext(d, must(SignHead(head(d, 1), k.trust)))
	want(t, err, Format, "cannot be read")
	_, err = OpenNext(KeyDocument(k.trust.Public()), must(Sign(k.document(), k.trust)))
	want(t, err, TrustChain, "no trust document follows")
	if _, err := Sign(KeyDocument(k.trust.Public()), k.trust); err == nil {
		t.Error("a document of version 0 was signed")
	}
}

// TestTwoYears is the life of a repository whose owner renews its trust document
// eleven months into each year, once too late, and of its clients.
func TestTwoYears(t *testing.T) {
	k := newKit(t)
	first := k.document() // until day 365, grace up to 90 days
	d := k.open(t, first)
	for now := day; now.Before(day.Add(730 * days)); now = now.Add(days) {
		age := int(now.Sub(day) / days)
		switch age {
		case 330: // in time: until day 695
			d = k.next(t, d, func(d *Document) { d.Expires = index.At(now.Add(365 * days)) })
		case 720: // too late; the expired one proves it nevertheless
			d = k.next(t, d, func(d *Document) { d.Expires = index.At(now.Add(365 * days)) })
		}
		expired := age > 695 && age < 720
		for grace, wantErr := range map[time.Duration]bool{
			0:          expired,
			-1 * days:  expired,
			10 * days:  age > 705 && age < 720,
			900 * days: false, // cut to 90 days, more than is needed
		} {
			err := d.CheckExpiry(now, grace)
			if (err != nil) != wantErr || (err != nil && CodeOf(err) != TrustExpired) {
				t.Errorf("day %d, grace %s: got %v, want an error: %v", age, grace, err, wantErr)
			}
		}
	}
	if d.Version != 3 {
		t.Errorf("got trust document %d, want 3", d.Version)
	}
	want(t, d.CheckExpiry(day.Add((720+365+91)*days), 900*days), TrustExpired, "trust document 3 of acme expired at 2029-11-11T10:00:00Z")
	if err := KeyDocument(k.index.Public()).CheckExpiry(day.Add(36500*days), 0); err != nil {
		t.Errorf("version 0: %v", err)
	}
}
